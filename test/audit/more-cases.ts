import { accept, DAY, limitedByFrame, REFUSAL } from './answers.ts';
import type { Case } from './case.ts';

const MIB = 1_048_576;
const UPGRADE_REQUIRED =
  'HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/** Whether the version is the one that there is. */
function isCurrent({ headers }: { readonly headers: ReadonlyMap<string, string> }): boolean {
  return headers.get('sec-websocket-version') === '13';
}

/** What else checks say, beside the one way in which each fires: by check and what is the case. */
export const MORE_CASES: readonly (readonly [id: string, what: string, row: Case])[] = [
  [
    'tls-old-versions',
    'spoken by a real server',
    {
      manners: { tls: { minVersion: 'TLSv1' } },
      verdict: 'fail',
      seen: 'TLS 1.0 with TLS_ECDHE_ECDSA',
    },
  ],
  [
    'tls-groups',
    'a curve of 192 bits',
    {
      hello: { versions: [0x0303], suites: [0xc02f], groups: [0x0013, 0x001d] },
      verdict: 'fail',
      seen: 'secp192r1, x25519; no DHE',
    },
  ],
  [
    'tls-groups',
    'of TLS 1.3',
    {
      hello: { versions: [0x0304], suites: [0x1301], groups: [0x11ec, 0x001d, 0x0018] },
      verdict: 'pass',
      seen: 'X25519MLKEM768, x25519, secp384r1; no DHE',
    },
  ],
  [
    'certificate-chain',
    'signed by itself',
    {
      certificate: 'sha-1',
      verdict: 'fail',
      seen: 'the certificate is signed by itself: localhost',
    },
  ],
  [
    'certificate-chain',
    'expired, which is another check',
    {
      certificate: { notBefore: Date.now() - 9 * DAY, notAfter: Date.now() - DAY },
      verdict: 'pass',
    },
  ],
  [
    'certificate-dates',
    'expired',
    {
      certificate: { notBefore: Date.now() - 9 * DAY, notAfter: Date.now() - DAY },
      verdict: 'fail',
      seen: 'localhost expired on',
    },
  ],
  [
    'certificate-dates',
    'not yet valid',
    {
      certificate: { notBefore: Date.now() + DAY },
      verdict: 'fail',
      seen: 'is not valid before',
    },
  ],
  [
    'certificate-dates',
    'of a week, half of it over',
    {
      certificate: { notBefore: Date.now() - 3 * DAY, notAfter: Date.now() + 4 * DAY },
      verdict: 'pass',
      seen: '3 days left; from',
    },
  ],
  [
    'certificate-revocation',
    'must be stapled',
    {
      certificate: 'must staple',
      verdict: 'fail',
      seen: 'must be stapled, and it is not',
    },
  ],
  [
    'hsts',
    'too short',
    {
      manners: {
        answer: ({ headers }) =>
          headers.has('upgrade')
            ? undefined
            : 'HTTP/1.1 204 No\r\nStrict-Transport-Security: max-age=60\r\n\r\n',
      },
      verdict: 'fail',
      seen: 'too short: max-age=60',
    },
  ],
  [
    'version',
    'refused, and 13 is named',
    {
      manners: { answer: (request) => (isCurrent(request) ? undefined : UPGRADE_REQUIRED) },
      verdict: 'pass',
      seen: 'refused with 426, and Sec-WebSocket-Version: 13',
    },
  ],
  [
    'version',
    'refused, and 13 is not named',
    {
      manners: { answer: (request) => (isCurrent(request) ? undefined : REFUSAL) },
      verdict: 'warn',
      seen: 'without Sec-WebSocket-Version: 13',
    },
  ],
  [
    'refusal-closes',
    'stays open',
    {
      manners: { answer: (request) => (isCurrent(request) ? undefined : REFUSAL) },
      verdict: 'warn',
      seen: '400, then the connection stayed open',
    },
  ],
  [
    'opening',
    'a wrong accept key',
    {
      manners: {
        answer: ({ headers }) => accept({ headers: new Map([...headers, ['sec-websocket-key', 'x']]) }),
      },
      verdict: 'fail',
      seen: 'Sec-WebSocket-Accept is wrong',
    },
  ],
  [
    'origin-foreign',
    'behind a token that no page can send',
    {
      manners: { answer: ({ headers }) => (headers.has('authorization') ? undefined : REFUSAL) },
      setup: { token: 't' },
      verdict: 'warn',
      seen: 'given the token',
    },
  ],
  [
    'close-answered',
    'TCP ends without a Close',
    {
      manners: { onFrame: ({ opcode }, socket) => opcode === 8 && Boolean(socket.end()) },
      verdict: 'warn',
      seen: 'TCP ended without a Close',
    },
  ],
  [
    'message-size',
    'exactly 64 KiB',
    {
      manners: { onChunk: limitedByFrame(65_536) },
      verdict: 'pass',
      seen: 'messages of 64 KiB are let in, larger ones end the connection',
    },
  ],
  [
    'message-size',
    'between two that were tried',
    {
      manners: { onChunk: limitedByFrame(1_000_000) },
      verdict: 'pass',
      seen: 'messages of 976 KiB are let in, those of 978 KiB end the connection',
    },
  ],
  [
    'message-size',
    'more than is sensible',
    {
      manners: { onChunk: limitedByFrame(100 * MIB) },
      verdict: 'warn',
      seen: /are let in/,
    },
  ],
  [
    'token-expiry',
    'of a token that outlives the audit',
    {
      setup: { token: `e30.${Buffer.from('{"exp":99999999999}').toString('base64url')}.x` },
      manners: { answer: ({ headers }) => (headers.has('authorization') ? undefined : REFUSAL) },
      verdict: 'info',
      seen: 'use one that expires within the budget of time',
    },
  ],
  [
    'token-malformed',
    'where everybody gets in',
    {
      setup: { token: 't' },
      verdict: 'skipped',
      seen: 'the endpoint lets everybody in',
    },
  ],
  [
    'message-rate',
    'with a small budget',
    { verdict: 'info', seen: 'from --budget messages=1000 on that is a fault' },
  ],
  [
    'liveness',
    'in less time than usual',
    { setup: { allowance: { seconds: 20 } }, verdict: 'info', seen: 'all the time that --budget allows' },
  ],
  [
    'rotation',
    'with no renewal',
    {
      setup: { watch: { duration: 300, interval: 50, sockets: 1 } },
      verdict: 'info',
      seen: 'the certificate did not change; 0 of 1 sockets dropped',
    },
  ],
];
