import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { acceptFor } from '../support/raw-client.ts';
import { close, encode, OPCODE } from '../support/raw-frames.ts';
import type { RawHead } from '../support/raw-head.ts';

/** What bad servers say. */

export const REFUSAL = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
export const FAULT = 'HTTP/1.1 500 Oh no\r\nContent-Length: 0\r\n\r\n';
export const OK = 'HTTP/1.1 200 OK\r\nServer: Apache/2.4.1\r\nContent-Length: 0\r\n\r\n';
export const PAGE = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n';

/** In milliseconds. */
export const DAY = 86_400_000;

/** The usual 101, with these fields added. */
export function accept(request: Pick<RawHead, 'headers'>, fields = ''): string {
  const key = acceptFor(request.headers.get('sec-websocket-key') ?? '');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n${fields}\r\n`;
}

/** Accepts whatever extension is offered. */
export function deflating(request: RawHead): string {
  const isOffered = request.headers.has('sec-websocket-extensions');
  return accept(request, isOffered ? 'Sec-WebSocket-Extensions: permessage-deflate\r\n' : '');
}

/** Looks at the first header of what comes, and closes where it announces more than this: of fragments, each by itself. */
export function limitedByFrame(bytes: number): (chunk: Buffer, socket: Duplex) => void {
  return (chunk, socket) => {
    const short = chunk[1]! & 0x7f;
    const length =
      short === 127 ? Number(chunk.readBigUInt64BE(2)) : short === 126 ? chunk.readUInt16BE(2) : short;
    if (length > bytes) socket.end(encode(close(1009), false));
  };
}

/** A Pong as only a client may send it. */
export function maskedPong(payload: Buffer): Buffer {
  return encode({ opcode: OPCODE.pong, payload }, true);
}

/** Lets in whoever shows anything like a token, wherever it stands. */
export function anyToken(request: RawHead, path: string): string | undefined {
  return request.headers.has('authorization') || path.includes('token=') ? undefined : REFUSAL;
}

/** Wants a client certificate of who comes for `localhost`, by the name that TLS was asked for. */
export function certifiedAsLocalhost(_request: RawHead, _path: string, socket: Duplex): string | undefined {
  return showsOne(socket) || (socket as TLSSocket).servername !== 'localhost' ? undefined : REFUSAL;
}

/** Wants one of everybody. */
export function certified(_request: RawHead, _path: string, socket: Duplex): string | undefined {
  return showsOne(socket) ? undefined : REFUSAL;
}

function showsOne(socket: Duplex): boolean {
  return (socket as TLSSocket).getPeerX509Certificate() !== undefined;
}

/** A token that says it is good until now, and is signed by nobody. */
export function jwt(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'ES256' })}.${part({ exp: Math.floor(Date.now() / 1_000) })}.c2lnbmVk`;
}
