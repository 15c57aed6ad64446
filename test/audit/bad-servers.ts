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
  'mask-required': { seen: 'carried on' },
  'reserved-bits': {},
  'reserved-opcodes': {},
  'control-frames': {},
  'fragment-order': {},
  'length-high-bit': {},
  'length-minimal': {},
};

const REFUSAL = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
