import type { ConnectionOptions } from 'node:tls';
import { type Check, type Finding, finding } from '../../check.ts';
import type { Context } from '../../context.ts';
import { answerText, isOpened, readAnswer } from '../../probe/answer.ts';
import { isLater, Throttled } from '../../probe/ask.ts';
import { connectSecure, Unreachable } from '../../probe/connect.ts';
import { upgradeRequest } from '../../probe/request.ts';

/** A handshake of TLS that differs from the right one. */
type Way = readonly [name: string, options: ConnectionOptions];

const OTHER_NAMES: readonly Way[] = [
  ['TLS for sallyport-audit.invalid', { servername: 'sallyport-audit.invalid' }],
  ['TLS for no name', { servername: '' }],
];

/** The name in TLS, and the one in HTTP. */
export const hostOfTls: Check = {
  id: 'host-of-tls',
  group: 'handshake',
  title: 'A host is served under the name alone that TLS was asked for',
  weight: 'low',
  standard: 'RFC 9110 §7.4; RFC 6066 §3',
  why: 'What hangs on the name in TLS, client certificates above all, is walked around where HTTP may then ask for another.',
  mend: 'Answer 421 where Host is not the name in TLS, and refuse names that are not served.',
  needs: ['open'],
  async run(context) {
    if (context.target.serverName === undefined)
      return finding.info('nothing', 'the host is an address, for which TLS has no name');
    return await never(context, OTHER_NAMES);
  },
};

/** The client certificate, under other names. */
export const certificateNeeded: Check = {
  id: 'client-certificate',
  group: 'identity',
  title: 'Nobody gets around the client certificate',
  weight: 'critical',
  standard: 'OWASP ASVS 5.0 §12.1.3; CVE-2025-23419',
  why: 'Where a certificate is asked for under one name alone, whoever asks TLS for another name, or for none, comes in without.',
  mend: 'Ask for it under every name, or answer 421 where Host is not the name in TLS.',
  needs: ['open', 'certificate'],
  async run(context) {
    const stranger = { ...context, trust: { ...context.trust, client: undefined } };
    const [, right] = await attempt(stranger, ['', {}]);
    if (right === OPENS)
      return finding.info('an upgrade without a certificate', 'it opens: the endpoint demands none');
    return await never(stranger, [['a right upgrade without a certificate', {}], ...OTHER_NAMES]);
  },
};

const OPENS = 'the WebSocket opens';

/** In none of these ways may a WebSocket open. */
async function never(context: Context, ways: readonly Way[]): Promise<Finding> {
  const seen = await Promise.all(ways.map((way) => attempt(context, way)));
  const sent = `an upgrade with the right Host over: ${ways.map(([name]) => name).join('; ')}`;
  const text = seen.map((each) => each.join(': ')).join('; ');
  return (seen.some(([, said]) => said === OPENS) ? finding.fail : finding.pass)(sent, text);
}

async function attempt(context: Context, [name, options]: Way): Promise<[name: string, seen: string]> {
  try {
    const wire = await connectSecure(context, options);
    wire.write(upgradeRequest(context.target, context.login).bytes);
    const answer = await readAnswer(wire, context.patience.answer);
    wire.destroy();
    if (answer.kind === 'head' && isLater(answer.status)) throw new Throttled(answer.status);
    return [name, isOpened(answer) ? OPENS : answerText(answer)];
  } catch (error) {
    if (error instanceof Unreachable && error.isTls) return [name, 'refused by TLS'];
    throw error;
  }
}
