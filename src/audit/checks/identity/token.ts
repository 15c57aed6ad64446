import { setTimeout as sleep } from 'node:timers/promises';
import { type Check, type Finding, finding } from '../../check.ts';
import type { Context } from '../../context.ts';
import { withParameter } from '../../login.ts';
import { type Answer, answerText, isOpened } from '../../probe/answer.ts';
import { ask } from '../../probe/ask.ts';
import type { Change } from '../../probe/request.ts';
import { openSocket, outcomeText } from '../../probe/socket.ts';
import { readJwt, tampered, unsigned } from './jwt.ts';

const REFUSE = 'Answer 401 before the 101, whatever is wrong with the token.';

/** Of credentials. None of them is ever shown. */
export const IDENTITY_CHECKS: readonly Check[] = [
  {
    id: 'token-required',
    group: 'identity',
    title: 'Without a token nothing opens',
    weight: 'critical',
    standard: 'OWASP ASVS 5.0 §4.4.3, §8.3.1',
    why: 'A token that need not be there protects nothing.',
    mend: REFUSE,
    needs: ['token'],
    async run({ anonymous }) {
      const sent = 'an upgrade without a token';
      return isOpened(anonymous)
        ? finding.fail(sent, 'the WebSocket opens')
        : finding.pass(sent, answerText(anonymous));
    },
  },
  {
    id: 'token-malformed',
    group: 'identity',
    title: 'A token that is none, or was changed, opens nothing',
    weight: 'critical',
    standard: 'OWASP ASVS 5.0 §9.1.1; RFC 8725 §3.3',
    why: 'Who does not verify the signature lets everybody write their own token.',
    mend: 'Verify every token with the keys and the algorithms of its issuer, and no others.',
    needs: ['open', 'token', 'guarded'],
    alone: true,
    async run(context) {
      const token = context.login.token!;
      const jwt = readJwt(token);
      return neverOpens(context, [
        ['one letter', { token: 'x' }],
        ['two dots', { token: '..' }],
        ['one that is cut', { token: token.slice(0, -Math.ceil(token.length / 3)) }],
        ...(jwt ? [['a changed signature', { token: tampered(jwt) }] as const] : []),
      ]);
    },
  },
  {
    id: 'token-unsigned',
    group: 'identity',
    title: 'A token without a signature opens nothing',
    weight: 'critical',
    standard: 'RFC 8725 §3.1; OWASP ASVS 5.0 §9.1.2',
    why: 'A verifier that believes the algorithm in the token believes “none”.',
    mend: 'List the algorithms that are accepted; none is not one of them.',
    needs: ['open', 'token', 'guarded'],
    alone: true,
    async run(context) {
      const jwt = readJwt(context.login.token!);
      if (!jwt) return finding.info('nothing', 'the token is not a JSON Web Token');
      return neverOpens(context, [
        ['alg none', { token: unsigned(jwt, 'none') }],
        ['alg nOnE', { token: unsigned(jwt, 'nOnE') }],
      ]);
    },
  },
  {
    id: 'token-expired',
    group: 'identity',
    title: 'An expired token opens nothing',
    weight: 'high',
    standard: 'OWASP ASVS 5.0 §9.2.1; RFC 7519 §4.1.4',
    why: 'Tokens leak into logs and histories; their end is what makes that bearable.',
    mend: REFUSE,
    needs: ['open', 'expiredToken', 'guarded'],
    alone: true,
    run: (context) =>
      neverOpens(context, [['an expired token', { token: context.credentials.expiredToken! }]]),
  },
  expiryCloses(),
  {
    id: 'token-in-url',
    group: 'identity',
    title: 'A token in the URL opens nothing',
    weight: 'medium',
    standard: 'RFC 9700 §4.3.2; RFC 6750 §2.3',
    why: 'URLs are written to logs, histories and the Referer of what is loaded next.',
    mend: 'Take tokens from the header, a cookie or a subprotocol; give browsers a ticket that may be used once.',
    needs: ['open', 'token', 'guarded'],
    alone: true,
    async run(context) {
      const { token, place } = context.login;
      if (place.kind === 'query')
        return finding.fail('the token where you said it goes', 'it goes into the URL');
      return neverOpens(
        context,
        ['access_token', 'token'].map((name) => [
          `?${name}=`,
          { token: null, target: withParameter(context.target.path, name, token!) },
        ]),
      );
    },
  },
  {
    id: 'token-twice',
    group: 'identity',
    title: 'Two different tokens open nothing',
    weight: 'medium',
    standard: 'RFC 9110 §5.3; OWASP ASVS 5.0 §15.3.7',
    why: 'Of two, one layer checks the first and another uses the second.',
    mend: 'Answer 400 to a repeated Authorization, and 401 to a credential that is there twice, in cookies and subprotocols too.',
    needs: ['open', 'token', 'guarded'],
    alone: true,
    async run(context) {
      const good = context.login.token!;
      return neverOpens(context, [
        ['the right one first', both(context, good, 'x')],
        ['the right one second', both(context, 'x', good)],
      ]);
    },
  },
  {
    id: 'ticket-reuse',
    group: 'identity',
    title: 'A ticket opens once',
    weight: 'high',
    standard: 'OWASP ASVS 5.0 §4.4.4; RFC 6819 §5.1.5.4',
    why: 'A ticket stands in a URL, where others read it: that it was used is all that protects it.',
    mend: 'Take a ticket out of the store in the same step in which it is looked up.',
    needs: ['ticket'],
    async run(context) {
      const ticket = await context.credentials.ticket!();
      const target = withParameter(context.target.path, context.credentials.ticketParameter, ticket);
      const first = await ask(context, { token: null, target });
      const sent = 'an upgrade with a fresh ticket, and the same again';
      if (!isOpened(first))
        return finding.inconclusive(sent, `the fresh ticket was refused: ${answerText(first)}`);
      const second = await ask(context, { token: null, target });
      return isOpened(second)
        ? finding.fail(sent, 'both open')
        : finding.pass(sent, `the second: ${answerText(second)}`);
    },
  },
];

/** Two tokens where one belongs. */
function both(
  { login: { place, always }, target: { path } }: Context,
  first: string,
  second: string,
): Change {
  switch (place.kind) {
    case 'header':
      return { token: null, fields: { Authorization: [`Bearer ${first}`, `Bearer ${second}`] } };
    case 'cookie':
      return { token: null, fields: { Cookie: `${place.name}=${first}; ${place.name}=${second}` } };
    case 'query': {
      const { name } = place;
      return { token: null, target: withParameter(withParameter(path, name, first), name, second) };
    }
    case 'subprotocol': {
      const offered = always.filter(([name]) => name === 'Sec-WebSocket-Protocol').map(([, value]) => value);
      const all = [...offered, `bearer.${first}`, `bearer.${second}`].join(', ');
      return { token: null, fields: { 'Sec-WebSocket-Protocol': all } };
    }
  }
}

type Try = readonly [name: string, change: Change];

async function neverOpens(context: Context, tries: readonly Try[]): Promise<Finding> {
  const answers: (readonly [string, Answer])[] = [];
  for (const [name, change] of tries) answers.push([name, await ask(context, change)]); // in turn: a lockout shows
  const sent = `upgrades with: ${tries.map(([name]) => name).join('; ')}`;
  const opened = answers.filter(([, answer]) => isOpened(answer)).map(([name]) => name);
  if (opened.length > 0) return finding.fail(sent, `the WebSocket opens: ${opened.join('; ')}`);
  return finding.pass(sent, answers.map(([name, answer]) => `${name}: ${answerText(answer)}`).join('; '));
}

function expiryCloses(): Check {
  return {
    id: 'token-expiry',
    group: 'identity',
    title: 'A WebSocket does not outlive the token that opened it',
    weight: 'high',
    standard: 'OWASP ASVS 5.0 §7.3.2; OWASP WebSocket Security Cheat Sheet',
    why: 'Whoever was let go in the morning still reads along in the evening: most servers look at a token once.',
    mend: 'Close with a code that says so when the token expires, or take a fresh one over the connection.',
    needs: ['open', 'token', 'guarded'],
    seconds: 50,
    async run(context) {
      const exp = readJwt(context.login.token!)?.exp;
      if (exp === undefined) return finding.info('nothing', 'the token does not say when it expires');
      const wait = exp * 1_000 - Date.now();
      if (wait + context.patience.expiry > context.budget.left())
        return finding.info(
          'nothing',
          `the token lives ${Math.round(wait / 1_000)} s: use one that expires within the budget of time`,
        );
      const socket = await openSocket(context);
      socket.answersPing = true;
      const sent = 'nothing, until the token had expired';
      const early = await socket.outcome(Math.max(0, wait - 1_000), 'watch');
      if (early.kind !== 'silent')
        return finding.inconclusive(sent, `${outcomeText(early)} before the token expired`);
      await sleep(1_000);
      const outcome = await socket.outcome(context.patience.expiry, 'watch');
      socket.destroy();
      return outcome.kind === 'silent'
        ? finding.fail(sent, `still open ${context.patience.expiry / 1_000} s later`)
        : finding.pass(
            sent,
            `${outcomeText(outcome)} within ${Math.max(0, Math.ceil(outcome.ms / 1_000))} s`,
          );
    },
  };
}
