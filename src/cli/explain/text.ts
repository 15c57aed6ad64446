import type { Io } from '../io.ts';
import type { Explanation, GuardAnswer, IdentityAnswer, MessageAnswer, UpgradeAnswer } from './answer.ts';

/** An explanation for a person. */
export function explanationText({ upgrade, message }: Explanation, io: Io): string {
  return [...upgradeText(upgrade, io), ...(message ? ['', ...messageText(message, io)] : [])].join('\n');
}

function upgradeText(upgrade: UpgradeAnswer, io: Io): string[] {
  const { route, principal, protocols = [], refusal, upstream } = upgrade;
  const lines = [io.style('bold', 'Upgrade')];
  if (route !== undefined) lines.push(row('route', route));
  if (protocols.length > 0) lines.push(row('protocols', protocols.join(', ')));
  lines.push(...upgrade.identities.map((each) => identityText(each, io)));
  if (principal) {
    const of = principal.tenant === undefined ? '' : ` of ${shown(principal.tenant)}`;
    lines.push(row('principal', `${shown(principal.subject)}${of}, by ${principal.identity}`));
  }
  lines.push(...upgrade.guards.map((each) => guardText(each, io)));
  if (refusal)
    lines.push(
      row(
        '',
        no(
          `refused by ${refusal.by}: ${refusal.code} (HTTP ${refusal.status}), ${shown(refusal.reason)}`,
          io,
        ),
      ),
    );
  if (!upstream) return lines;
  lines.push(
    row('', yes('let through', io)),
    row('upstream', upstream.url),
    row('', `GET ${upstream.target}`),
  );
  return [...lines, ...upstream.headers.map((header) => row('', shown(header)))];
}

function messageText(message: MessageAnswer, io: Io): string[] {
  const { types, refusal, forwarded } = message;
  const lines = [io.style('bold', 'Message')];
  if (types.length > 0) lines.push(row('type', types.map(shown).join(', ')));
  lines.push(...message.guards.map((each) => guardText(each, io)));
  if (refusal) {
    const then = refusal.closeCode === undefined ? refusal.action : `close with ${refusal.closeCode}`;
    lines.push(
      row('', no(`refused by ${refusal.by}: ${refusal.code} (${then}), ${shown(refusal.reason)}`, io)),
    );
    if (refusal.answer !== undefined) lines.push(row('answer', shown(refusal.answer)));
  }
  if (forwarded !== undefined) lines.push(row('', yes('let through', io)), row('upstream', shown(forwarded)));
  return lines;
}

function identityText({ name, answer, code, reason }: IdentityAnswer, io: Io): string {
  const said =
    answer === 'yes'
      ? yes(answer, io)
      : answer === 'no'
        ? no(`no: ${code}, ${shown(reason ?? '')}`, io)
        : answer;
  return row('identity', `${name.padEnd(16)} ${said}`);
}

function guardText({ guard, verdict, code, reason }: GuardAnswer, io: Io): string {
  const why = code === undefined ? '' : `: ${code}, ${shown(reason ?? '')}`;
  const said =
    verdict === 'pass' ? yes('pass', io) : verdict === 'refuse' ? no(`refuse${why}`, io) : `observe${why}`;
  return row('guard', `${guard.padEnd(16)} ${said}`);
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(10)} ${text}`;
}

function yes(text: string, io: Io): string {
  return io.style('green', text);
}

function no(text: string, io: Io): string {
  return io.style('red', text);
}

/** What others wrote must not move the cursor or paint the terminal. */
function shown(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (character) =>
    JSON.stringify(character).length > 3
      ? JSON.stringify(character).slice(1, -1)
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
