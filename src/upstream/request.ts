import { randomFillSync } from 'node:crypto';
import type { Handshake } from '../pipeline/handshake.ts';
import { ALWAYS_PASSED } from '../pipeline/route.ts';

/** One upgrade to ask of an upstream. */
export interface DialRequest {
  readonly url: URL;
  /** Path and query, as `targetOf` makes it. */
  readonly target: string;
  readonly handshake: Handshake;
  /** Subprotocols to offer; none of them a credential. */
  readonly protocols: readonly string[];
  /** Headers about the principal: no client can send these. */
  readonly forward: readonly (readonly [name: string, value: string])[];
  /** Client headers to pass on, by name in lower case. */
  readonly passHeaders: readonly string[];
  /** What to trust for `wss:` in place of the system's authorities, PEM. */
  readonly ca?: string;
  /** Milliseconds. */
  readonly connectTimeout: number;
  /** Milliseconds. */
  readonly handshakeTimeout: number;
}

/** Fields that the gateway writes itself; `passHeaders` cannot bring the client's back. */
const OWN = new Set([
  'host',
  'connection',
  'upgrade',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'content-length',
  'expect',
  'proxy-authorization',
  'proxy-connection',
  'http2-settings',
  'forwarded',
  'x-real-ip',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);

const KEY_BYTES = 16;
/** Random bytes for keys to come: asked for one by one, they cost ten times as much. */
const RANDOM = Buffer.allocUnsafeSlow(128 * KEY_BYTES);
let used = RANDOM.length;

/** A fresh Sec-WebSocket-Key (RFC 6455 §4.1: 16 random bytes). */
export function newKey(): string {
  if (used === RANDOM.length) {
    randomFillSync(RANDOM);
    used = 0;
  }
  used += KEY_BYTES;
  return RANDOM.toString('base64', used - KEY_BYTES, used);
}

/** The bytes of the upgrade request (RFC 6455 §4.1). No extension is offered: what passes has been inflated already. */
export function writeRequest(request: DialRequest, key: string): string {
  const { handshake } = request;
  const lines = [
    `GET ${request.target} HTTP/1.1`,
    `Host: ${request.url.host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
    `X-Forwarded-For: ${handshake.address}`,
    `X-Forwarded-Host: ${handshake.host}`,
    'X-Forwarded-Proto: https',
  ];
  if (request.protocols.length > 0) lines.push(`Sec-WebSocket-Protocol: ${request.protocols.join(', ')}`);
  lines.push(...passedHeaders(request));
  for (const [name, value] of request.forward) lines.push(`${name}: ${value}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function passedHeaders(request: DialRequest): string[] {
  const claimed = new Set(request.forward.map(([name]) => name.toLowerCase()));
  const lines: string[] = [];
  for (const name of new Set([...ALWAYS_PASSED, ...request.passHeaders])) {
    const value = request.handshake.headers.get(name);
    if (value === undefined || OWN.has(name) || name.startsWith('sec-websocket-') || claimed.has(name))
      continue;
    lines.push(`${name}: ${value}`);
  }
  return lines;
}
