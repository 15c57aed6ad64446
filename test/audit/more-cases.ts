import type { Duplex } from 'node:stream';
import { close, encode, OPCODE, ping, type RawFrame } from '../support/raw-frames.ts';
import { accept, DAY, FAULT, limitedByFrame, REFUSAL } from './answers.ts';
import type { Case } from './case.ts';
import { selfSigned } from './gullible.ts';
import { inflating } from './inflating.ts';
import { RESPONSES } from './ocsp-responses.ts';

const MIB = 1_048_576;
const UPGRADE_REQUIRED =
  'HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/** Whether the version is the one that there is. */
function isCurrent({ headers }: { readonly headers: ReadonlyMap<string, string> }): boolean {
  return headers.get('sec-websocket-version') === '13';
}

const pair = await selfSigned('with a CRL');

type OnFrame = (frame: RawFrame, socket: Duplex) => boolean;

/** Ends the connection after so many frames of this sort, and reads no more. */
function upTo(most: number, isCounted: (opcode: number) => boolean): OnFrame {
  let seen = 0;
  return ({ opcode }, socket) => {
    if (isCounted(opcode) && ++seen === most + 1) socket.end(encode(close(1008), false));
    return seen > most;
  };
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
    'certificate-revocation',
    'by a responder',
    { certificate: 'with a responder', verdict: 'pass', seen: 'an OCSP responder' },
  ],
  [
    'certificate-revocation',
    'stapled',
    {
      manners: { staple: Buffer.from(RESPONSES.good, 'base64') },
      verdict: 'pass',
      seen: 'a stapled OCSP response (good)',
    },
  ],
  [
    'certificate-revocation',
    'stapled, and revoked',
    {
      manners: { staple: Buffer.from(RESPONSES.revoked, 'base64') },
      verdict: 'fail',
      seen: 'says: revoked',
    },
  ],
  [
    'certificate-revocation',
    'must be stapled, and is',
    {
      certificate: 'must staple',
      manners: { staple: Buffer.from('3003', 'hex') },
      verdict: 'pass',
      seen: 'a stapled OCSP response (unreadable)',
    },
  ],
  [
    'other-methods',
    'ends on OPTIONS',
    {
      manners: { answer: ({ start }) => (start.startsWith('OPTIONS') ? FAULT : REFUSAL) },
      verdict: 'fail',
      seen: /^OPTIONS: 500$/,
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
      setup: { patience: { verdict: 700 } },
      verdict: 'pass',
      seen: 'messages of 64 KiB are let in, larger ones end the connection',
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
    'deflate-bomb',
    'bounded by size',
    {
      manners: inflating({ bytes: 65_536 }),
      verdict: 'pass',
      seen: 'messages that become 64 KiB are let in, larger ones end the connection',
    },
  ],
  [
    'deflate-bomb',
    'bounded by ratio',
    {
      manners: inflating({ ratio: 20 }),
      verdict: 'pass',
      seen: /messages that become 16 KiB are let in if that is up to (1[5-9]|20) times what comes over/,
    },
  ],
  [
    'header-endless',
    'cut off without a word',
    {
      manners: { longest: 40_000 },
      setup: { allowance: { bytes: 1_048_576 } },
      verdict: 'pass',
      seen: 'connection closed within 64 KiB',
    },
  ],
  [
    'early-flood',
    'refused once it is noticed',
    {
      manners: { onChunk: (_, socket) => void socket.destroy() },
      verdict: 'pass',
      seen: 'connection dropped',
    },
  ],
  [
    'half-open',
    'with a bound for each address',
    {
      manners: { seats: 6, rejects: true },
      setup: { allowance: { sockets: 10 } },
      verdict: 'pass',
      seen: 'the upgrade is refused',
    },
  ],
  ['half-open', 'without any', { setup: { allowance: { sockets: 4 } }, verdict: 'pass', seen: 'it opens' }],
  [
    'abandoned-upgrades',
    'forgotten',
    { setup: { allowance: { sockets: 4 } }, verdict: 'pass', seen: 'it opens' },
  ],
  [
    'fragments',
    'counted',
    {
      manners: { onFrame: upTo(100, (opcode) => opcode < OPCODE.close) },
      verdict: 'pass',
      seen: 'closed with 1008 after 96 to 112',
    },
  ],
  [
    'ping-flood',
    'counted',
    {
      manners: { onFrame: upTo(30, (opcode) => opcode === OPCODE.ping) },
      verdict: 'pass',
      seen: 'closed with 1008 after 30 Pongs',
    },
  ],
  [
    'client-certificate',
    'that is wanted of nobody',
    { setup: { client: pair }, verdict: 'info', seen: 'the endpoint demands none' },
  ],
  ['fetch-site', 'where no cookie counts', { verdict: 'info', seen: 'no cookie says who it is' }],
  ...(['cookie', 'query'] as const).map((kind): (typeof MORE_CASES)[number] => [
    'token-twice',
    `in a ${kind}`,
    {
      manners: {
        answer: ({ headers }, path) =>
          `${headers.get('cookie')} ${path}`.includes('t=good') ? undefined : REFUSAL,
      },
      setup: { token: 'good', place: { kind, name: 't' } },
      verdict: 'fail',
      seen: 'the right one first; the right one second',
    },
  ]),
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
    'liveness',
    'in more time than usual',
    {
      manners: {
        onOpen: (socket) => {
          setTimeout(() => socket.write(encode(ping(), false)), 50);
          setTimeout(() => socket.end(encode(close(1001), false)), 200);
        },
      },
      setup: { allowance: { seconds: 90 } },
      verdict: 'pass',
      seen: /^to the one that answers: a Ping after [\d.]+ s, a Close \(1001\) after [\d.]+ s; to the other: a Ping/,
    },
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
