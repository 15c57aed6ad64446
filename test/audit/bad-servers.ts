import type { Verdict } from '../../src/audit/check.ts';
import { accept, type Manners } from './gullible.ts';
import type { Setup } from './harness.ts';

/** A server on which a check fires, and what it says there. */
export interface Case {
  readonly manners?: Manners;
  readonly setup?: Partial<Setup>;
  readonly verdict?: Verdict;
  /** Part of what was seen. */
  readonly seen?: string;
}

/** One row for each check: a server that is bad in just the way it looks for. */
export const BAD_SERVERS: Readonly<Record<string, Case>> = {
  plaintext: { manners: { plain: true }, seen: '101' },
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
  'subprotocol-time': {
    manners: { delay: ({ headers }) => ((headers.get('sec-websocket-protocol')?.length ?? 0) / 500) ** 2 },
  },
  'extension-time': {
    manners: {
      delay: ({ headers }) => 2 ** ((headers.get('sec-websocket-extensions')?.length ?? 0) / 2 - 20),
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
  'origin-absent': { verdict: 'info', seen: 'accepted' },
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
};

const REFUSAL = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
const FAULT = 'HTTP/1.1 500 Oh no\r\nContent-Length: 0\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nServer: Apache/2.4.1\r\nContent-Length: 0\r\n\r\n';
