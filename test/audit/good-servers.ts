import { accept, certified, REFUSAL } from './answers.ts';
import type { Case } from './case.ts';
import { selfSigned } from './gullible.ts';

/** For checks that a gateway with its default configuration does not pass: a server that does. */
export const GOOD_SERVERS: Readonly<Record<string, Case>> = {
  'tls-post-quantum': {
    hello: { versions: [0x0304], suites: [0x1301], groups: [0x11ec, 0x1d] },
    seen: 'X25519MLKEM768',
  },
  'certificate-revocation': { certificate: 'with a CRL', seen: 'a CRL' },
  'message-rate': {
    manners: {
      onFrame: ({ opcode }, socket) => opcode === 1 && Boolean(socket.end(Buffer.from([0x88, 2, 3, 0xf0]))),
    },
    seen: 'closed with 1008 after 0 to 5 of them',
  },
  'connections-per-address': { manners: limited(10), seen: '10 are open, one more gets: 400' },
  'fetch-site': {
    manners: { answer: ({ headers }) => (headers.has('sec-fetch-site') ? REFUSAL : undefined) },
    seen: '400',
  },
  'client-certificate': {
    manners: { tls: { requestCert: true, rejectUnauthorized: false }, answer: certified },
    setup: { client: await selfSigned('with a CRL') },
    seen: 'TLS for no name: 400',
  },
  'ticket-reuse': {
    manners: onceEach(),
    setup: { credentials: { ticket: () => Promise.resolve('t-1') } },
    seen: '400',
  },
};

/** Opens so many WebSockets, and no more; the first is the one that every audit begins with. */
function limited(sockets: number): NonNullable<Case['manners']> {
  let opened = -1;
  return { answer: (request) => (++opened > sockets ? REFUSAL : accept(request)) };
}

/** Opens once for each ticket. */
function onceEach(): NonNullable<Case['manners']> {
  const used = new Set<string>();
  return {
    answer: (request, path) => {
      if (!path.includes('ticket=')) return undefined;
      const isFresh = !used.has(path);
      used.add(path);
      return isFresh ? accept(request) : REFUSAL;
    },
  };
}
