import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { REFUSALS, type RefusalCode } from '../errors.ts';
import type { Handshake } from '../pipeline/handshake.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import { acceptKey } from '../protocol/accept.ts';
import type { Arrival } from './arrival.ts';
import { linger } from './linger.ts';
import { STRICT_TRANSPORT } from './strict-transport.ts';

/** Unless a refusal knows better, a client that may come back should wait so long, in seconds. */
const RETRY_AFTER = { least: 2, spread: 8 } as const;

/** What the 101 grants. */
export interface Acceptance {
  /** One of the offered subprotocols; empty for none. */
  readonly protocol: string;
  /** The value of Sec-WebSocket-Extensions; empty for none. */
  readonly extensions: string;
  /** The session's name, for a client that may need it; empty for one that need not know it. */
  readonly session?: string;
  /** The value of Strict-Transport-Security; empty for none. */
  readonly strictTransport?: string;
}

/**
 * Writes the 101 (RFC 6455 §4.2.2). What is granted must have been offered: anything else is a fault of ours.
 *
 * @throws RangeError if a protocol or extension is granted that the client did not offer.
 */
export function acceptUpgrade(
  socket: Duplex,
  handshake: Pick<Handshake, 'key' | 'protocols' | 'extensions'>,
  { protocol, extensions, session = '', strictTransport = '' }: Acceptance,
): void {
  if (protocol !== '' && !handshake.protocols.includes(protocol)) {
    throw new RangeError('a subprotocol was granted that was not offered');
  }
  if (extensions !== '' && !handshake.extensions.includes(extensions.split(';', 1)[0]!)) {
    throw new RangeError('an extension was granted that was not offered');
  }
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${acceptKey(handshake.key)}\r\n` +
      (protocol === '' ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`) +
      (extensions === '' ? '' : `Sec-WebSocket-Extensions: ${extensions}\r\n`) +
      (session === '' ? '' : `Sallyport-Session: ${session}\r\n`) +
      (strictTransport === '' ? '' : `${STRICT_TRANSPORT}: ${strictTransport}\r\n`) +
      '\r\n',
    'latin1',
  );
}

/**
 * The one place that refuses an upgrade: a status, `Connection: close`, a body that tells nothing, and the end of the
 * socket: what the client still sends is thrown away unread, and a client that does not go is cut off.
 */
export function refuseUpgrade(
  socket: Duplex,
  refused: Pick<Refused, 'code' | 'retryAfter'>,
  strictTransport = '',
): void {
  if (socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, told } = REFUSALS[refused.code];
  const body = `${told}\n`;
  const strict = strictTransport === '' ? {} : { [STRICT_TRANSPORT]: strictTransport };
  const all = { ...answerFields(refused, body), ...strict };
  const fields = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${fields.join('')}\r\n${body}`, 'latin1');
  linger(socket);
}

/** Answers an ordinary request with the same status, fields and body as a refused upgrade. */
export function refuseRequest(response: ServerResponse, refused: Pick<Refused, 'code' | 'retryAfter'>): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, told } = REFUSALS[refused.code];
  const body = `${told}\n`;
  response.writeHead(status, answerFields(refused, body)).end(body);
}

/**
 * What the client has sent behind its request, before it was answered: taken once, after admission, and handed to the
 * session as its first bytes. More than the listener allows is a refusal. Reads no further than what is here.
 */
export function takeEarly({ head, socket, facts }: Arrival): Buffer | Refused {
  const waiting: Buffer | null = socket.readableLength > 0 ? socket.read() : null;
  const early = waiting === null ? head : Buffer.concat([head, waiting]);
  return early.length > facts.limits.earlyData
    ? refuse('early_data_too_large', `${early.length} bytes before the answer`)
    : early;
}

function answerFields(
  refused: Pick<Refused, 'code' | 'retryAfter'>,
  body: string,
): Record<string, string | number> {
  const { status } = REFUSALS[refused.code];
  return {
    Connection: status === 426 ? 'Upgrade, close' : 'close',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...refusalFields(refused),
  };
}

/** What a refusal says in fields of its own, whatever its body looks like. */
export function refusalFields(
  refused: Pick<Refused, 'code' | 'retryAfter'>,
): Record<string, string | number> {
  const { status, retryable } = REFUSALS[refused.code];
  return {
    ...statusFields(refused.code, status),
    ...((retryable || refused.retryAfter !== undefined) && { 'Retry-After': retryAfter(refused.retryAfter) }),
  };
}

/** What a status must say beside itself (RFC 9110 §15.5.6, §15.5.22, §11.6.1; RFC 6455 §4.4). */
function statusFields(code: RefusalCode, status: number): Record<string, string> {
  if (status === 405) return { Allow: 'GET' };
  if (status === 426) return { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };
  if (status === 401 && code !== 'certificate_untrusted') return { 'WWW-Authenticate': 'Bearer' };
  return {};
}

/** Seconds, with a spread, so that those who were refused together do not come back together. */
function retryAfter(milliseconds: number | undefined): number {
  const least = milliseconds === undefined ? RETRY_AFTER.least : Math.ceil(milliseconds / 1_000);
  return least + Math.floor(Math.random() * RETRY_AFTER.spread);
}
