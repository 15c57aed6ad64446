import {
  accept,
  anyToken,
  certifiedAsLocalhost,
  DAY,
  deflating,
  FAULT,
  jwt,
  limitedByFrame,
  maskedPong,
  OK,
  PAGE,
  REFUSAL,
} from './answers.ts';
import type { Case } from './case.ts';
import { selfSigned } from './gullible.ts';

/** For what is told by nothing that comes. */
const BRIEF = { patience: { answer: 500 } } as const;
const BY_COOKIE = { token: 't', place: { kind: 'cookie', name: 'session' } } as const;
const pair = await selfSigned('with a CRL');

/** One row for each check: a server that is bad in just the way it looks for. */
export const BAD_SERVERS: Readonly<Record<string, Case>> = {
  plaintext: { manners: { plain: true }, seen: '101' },
  'tls-old-versions': {
    hello: { versions: [0x0300, 0x0301, 0x0303], suites: [0x002f] },
    seen: 'SSL 3.0 with TLS_RSA',
  },
  'tls-new-versions': { hello: { versions: [0x0303], suites: [0xc02f] }, seen: 'only TLS 1.2' },
  'tls-broken-suites': {
    hello: { versions: [0x0303], suites: [0xc02f, 0x0005, 0x0034] },
    seen: 'RC4_128_SHA, TLS_DH_anon',
  },
  'tls-forward-secrecy': {
    hello: { versions: [0x0303], suites: [0x009c] },
    seen: 'TLS_RSA_WITH_AES_128_GCM',
  },
  'tls-cbc-suites': {
    hello: { versions: [0x0303], suites: [0xc013] },
    seen: 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
  },
  'tls-groups': {
    hello: { versions: [0x0303], suites: [0x009e], primeBytes: 128 },
    seen: 'DHE with 1024 bits',
  },
  'tls-post-quantum': { hello: { versions: [0x0304], suites: [0x1301] }, verdict: 'info' },
  'tls-compression': { hello: { versions: [0x0303], suites: [0xc02f], compression: 1 }, seen: 'accepted' },
  'tls-secure-renegotiation': { hello: { versions: [0x0303], suites: [0xc02f] } },
  'tls-master-secret': { hello: { versions: [0x0303], suites: [0xc02f], extensions: [0xff01] } },
  'tls-fallback': { hello: { versions: [0x0303, 0x0304], suites: [0xc02f, 0x1301] }, seen: 'TLS 1.2 with' },
  'tls-server-name': { verdict: 'info', seen: 'a certificate is shown' },
  'certificate-chain': { setup: { ca: '' }, seen: 'the issuer is not known' },
  'certificate-name': { certificate: { dns: ['other.example'] }, seen: 'other.example' },
  'certificate-dates': {
    certificate: { notBefore: Date.now() - 87 * DAY, notAfter: Date.now() + 3 * DAY },
    verdict: 'warn',
    seen: 'only 2 days left',
  },
  'certificate-lifetime': { certificate: { notAfter: Date.now() + 800 * DAY }, seen: '800 days' },
  'certificate-key': {
    certificate: {
      key: {
        name: 'RSASSA-PKCS1-v1_5',
        modulusLength: 1_024,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash: 'SHA-256',
      },
    },
    seen: 'rsa 1024',
  },
  'certificate-signature': { certificate: 'sha-1', seen: 'ECDSA with SHA-1' },
  'certificate-revocation': { verdict: 'info', seen: 'neither' },
  'tls-renegotiation': { manners: { tls: { maxVersion: 'TLSv1.2' } }, seen: 'accepted' },
  'tls-tickets': {
    manners: { tls: { maxVersion: 'TLSv1.2', sessionTimeout: 30 * 86_400 } },
    seen: '720 hours',
  },
  'tls-early-data': {
    setup: { patience: { answer: 1_000 } },
    openssl: ['-early_data', '-max_early_data', '16384'],
    seen: '16384 bytes',
  },
  'tls-alpn': { seen: 'no selection' },
  hsts: { manners: { answer: ({ headers }) => (headers.has('upgrade') ? undefined : PAGE) }, seen: 'a page' },
  'proxy-header': { hello: { versions: [0x0303], suites: [0xc02f], skipsLine: true }, seen: 'taken' },
  opening: {
    manners: { answer: (request) => accept(request, 'Sec-WebSocket-Extensions: x-unasked\r\n') },
    seen: 'extension',
  },
  'upgrade-spelling': {
    manners: { answer: ({ headers }) => (headers.get('upgrade') === 'websocket' ? undefined : REFUSAL) },
    seen: '400',
  },
  method: {},
  'http-version': {},
  'upgrade-fields': {},
  'h2c-upgrade': {},
  key: {},
  version: {},
  'version-syntax': {},
  'legacy-handshake': {},
  'host-field': {},
  'host-foreign': {},
  'target-form': {},
  'host-of-tls': { seen: 'TLS for no name: the WebSocket opens' },
  'path-unknown': {},
  'path-form': { manners: { answer: (_request, path) => (path.includes('audit-') ? REFUSAL : undefined) } },
  'target-long': {},
  body: {},
  'refusal-closes': {
    manners: {
      answer: ({ headers }) =>
        headers.get('sec-websocket-version') === '777' ? `${REFUSAL}${REFUSAL}` : undefined,
    },
    seen: 'the second was answered',
  },
  'field-syntax': {},
  'repeated-fields': {},
  'header-size': {},
  'header-endless': { setup: { allowance: { bytes: 262_144 } }, seen: '32 KiB were taken' },
  cookies: {
    manners: {
      answer: ({ headers }) => ((headers.get('cookie')?.length ?? 0) > 16_000 ? FAULT : undefined),
    },
    seen: 'a cookie of 16 KiB: 500',
  },
  'early-flood': { verdict: 'warn', seen: 'all of it was taken' },
  'odd-field-names': {
    manners: { answer: ({ headers }) => (headers.has('__proto__') ? FAULT : undefined) },
    seen: '500',
  },
  'expect-continue': {
    manners: {
      answer: ({ headers }) => (headers.has('expect') ? 'HTTP/1.1 100 Continue\r\n\r\n' : undefined),
    },
    seen: '100',
  },
  'early-frames': {
    manners: { onOpen: (socket) => void socket.removeAllListeners('data') },
    seen: '0 Pongs',
  },
  'subprotocol-invented': {
    manners: { answer: (request) => accept(request, 'Sec-WebSocket-Protocol: chat\r\n') },
    seen: 'chat',
  },
  'subprotocol-syntax': {},
  'deflate-offers': {
    manners: {
      answer: (request) =>
        accept(
          request,
          request.headers.has('sec-websocket-extensions')
            ? 'Sec-WebSocket-Extensions: permessage-deflate\r\n'
            : '',
        ),
    },
  },
  'extensions-many': {
    manners: {
      answer: ({ headers }) =>
        headers.get('sec-websocket-extensions')?.includes('x999') ? FAULT : undefined,
    },
    seen: '500',
  },
  'subprotocol-time': {
    manners: { delay: ({ headers }) => ((headers.get('sec-websocket-protocol')?.length ?? 0) / 500) ** 2 },
  },
  'extension-time': {
    manners: {
      delay: ({ headers }) => 2 ** ((headers.get('sec-websocket-extensions')?.length ?? 0) / 2 - 19),
    },
  },
  'origin-foreign': {},
  'origin-null': {},
  'origin-lookalike': {
    manners: {
      answer: ({ headers }) =>
        headers.get('origin')?.startsWith('https://localhost') === false ? REFUSAL : undefined,
    },
    seen: 'https://localhost:4430: 101',
  },
  'origin-malformed': {
    manners: { answer: ({ headers }) => (headers.get('origin')?.includes('[') ? FAULT : undefined) },
    seen: '500',
  },
  'origin-absent': { setup: BY_COOKIE, seen: 'by its cookie' },
  'fetch-site': { setup: BY_COOKIE, seen: 'by its cookie' },
  'handshake-timeout': { verdict: 'warn', seen: 'a byte every half second' },
  'plain-request': { seen: '101' },
  'other-methods': {
    manners: { answer: ({ start }) => (start.startsWith('TRACE') ? OK : undefined) },
    seen: 'TRACE: 200',
  },
  'version-banner': { manners: { answer: () => OK }, seen: 'Apache/2.4.1' },
  'mask-required': {},
  'reserved-bits': {},
  'reserved-opcodes': {},
  'control-frames': {},
  'fragment-order': {},
  'length-high-bit': {},
  'length-minimal': {},
  'token-required': { setup: { token: 'x' }, seen: 'the WebSocket opens' },
  'token-malformed': { manners: { answer: anyToken }, setup: { token: jwt() }, seen: 'a changed signature' },
  'token-unsigned': { manners: { answer: anyToken }, setup: { token: jwt() }, seen: 'alg none' },
  'token-expired': {
    manners: { answer: anyToken },
    setup: { token: jwt(), credentials: { expiredToken: jwt() } },
  },
  'token-expiry': { manners: { answer: anyToken }, setup: { token: jwt() }, seen: 'still open' },
  'token-in-url': { manners: { answer: anyToken }, setup: { token: jwt() }, seen: '?access_token=' },
  'token-twice': { manners: { answer: anyToken }, setup: { token: jwt() }, seen: 'the right one first' },
  'client-certificate': {
    manners: { tls: { requestCert: true, rejectUnauthorized: false }, answer: certifiedAsLocalhost },
    setup: { client: pair },
    seen: 'TLS for no name: the WebSocket opens',
  },
  'ticket-reuse': { setup: { credentials: { ticket: () => Promise.resolve('once') } }, seen: 'both open' },
  rotation: {
    manners: { onOpen: (socket) => void setTimeout(() => socket.destroy(), 300) },
    setup: { watch: { duration: 800, interval: 100, sockets: 2 } },
    seen: '2 of 2 sockets dropped',
  },
  utf8: {},
  ping: { manners: { onFrame: ({ opcode }) => opcode === 9 }, setup: BRIEF, seen: 'no Pong' },
  'pong-unasked': { manners: { onFrame: ({ opcode }, socket) => opcode === 10 && Boolean(socket.end()) } },
  'server-frames': {
    manners: { onFrame: ({ opcode, payload }, socket) => opcode === 9 && socket.write(maskedPong(payload)) },
    seen: 'masked',
  },
  'close-answered': { setup: BRIEF, seen: 'no Close came back' },
  'close-body': {},
  'close-then-data': { seen: '2 Pongs' },
  'half-close': { setup: BRIEF, seen: 'stayed open' },
  'message-size': { seen: 'a terabyte' },
  'fragmented-size': {
    manners: { onChunk: limitedByFrame(1_024) },
    setup: { patience: { verdict: 700 } },
    seen: 'carried on',
  },
  fragments: { seen: 'all of them' },
  'deflate-bomb': { manners: { answer: deflating }, seen: 'carried on' },
  'deflate-broken': { manners: { answer: deflating }, seen: 'carried on' },
  'incomplete-message': { verdict: 'warn', seen: 'still open' },
  'incomplete-frame': { verdict: 'warn', seen: 'still open' },
  liveness: { verdict: 'warn', seen: 'neither a Ping' },
  'ping-flood': { seen: '600 Pongs' },
  endures: { manners: opensOnly(1), seen: '500' },
  'message-rate': { setup: { allowance: { messages: 1_000 } }, seen: 'all of them are taken' },
  'half-open': {
    manners: { seats: 6 },
    setup: { ...BRIEF, allowance: { sockets: 6 } },
    seen: 'the upgrade is not answered',
  },
  'abandoned-upgrades': { manners: opensOnly(4), setup: { allowance: { sockets: 6 } }, seen: '500' },
  'connections-per-address': { setup: { allowance: { sockets: 200 } }, seen: 'all 200 are open' },
};

/** Opens so many WebSockets, and then never again. */
function opensOnly(times: number): NonNullable<Case['manners']> {
  let opened = 0;
  return { answer: () => (opened++ < times ? undefined : FAULT) };
}
