import { randomBytes } from 'node:crypto';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import { acceptKey } from '../protocol/accept.ts';
import { parseClose } from '../protocol/close.ts';
import { encodeClose, encodeFrame, encodeText } from '../protocol/encode.ts';
import { FrameScanner, OPCODE, STATE } from '../protocol/frames.ts';

/** Where all connections go, worked out once. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Undefined where the host is an IP address (RFC 6066 §3). */
  readonly serverName: string | undefined;
  readonly insecure: boolean;
  readonly context: SecureContext;
  /** The request line and fields, all but the key and the credential. */
  readonly head: string;
}

/** Hears of what comes. */
export interface SocketOwner {
  /** The bytes are overwritten when this returns. */
  message(payload: Buffer): void;
  /** The connection is over: with this code, 1006 for none; called once, and not after `destroy`. */
  closed(code: number): void;
}

/** The upgrade was not accepted: an HTTP status, or what failed before there was one. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** Longest answer to an upgrade, in bytes; longest message, and most that may wait to be sent. */
const MAX_HEAD = 16_384;
const MAX_MESSAGE = 16_777_216;
const MAX_WAITING = 4_194_304;
const NOTHING = Buffer.alloc(0);

/** Opens one WebSocket. @throws Refusal also if it takes longer than so many milliseconds. */
export function openSocket(
  endpoint: Endpoint,
  token: string | undefined,
  owner: SocketOwner,
  timeout: number,
): Promise<LoadSocket> {
  return new Promise((resolve, reject) => {
    const { host, port, serverName, insecure, context, head } = endpoint;
    const key = randomBytes(16).toString('base64');
    const credential = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
    const tls = connect({
      host,
      port,
      secureContext: context,
      rejectUnauthorized: !insecure,
      ALPNProtocols: ['http/1.1'],
      ...(serverName !== undefined && { servername: serverName }),
    });
    let answer: Buffer = NOTHING;
    const fail = (why: string): void => {
      clearTimeout(timer);
      tls.destroy();
      reject(new Refusal(why));
    };
    const timer = setTimeout(() => fail('timeout'), timeout);
    const onClose = (): void => fail('closed');
    const onData = (chunk: Buffer): void => {
      answer = answer.length === 0 ? chunk : Buffer.concat([answer, chunk]);
      const judged = judgeAnswer(answer, key);
      if (judged === 'more') return;
      if (typeof judged === 'string') {
        fail(judged);
        return;
      }
      clearTimeout(timer);
      tls.off('data', onData).off('close', onClose);
      resolve(new LoadSocket(tls, owner, answer.subarray(judged.end)));
    };
    tls.setNoDelay(true);
    tls.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'error'));
    tls.once('secureConnect', () => tls.write(`${head}Sec-WebSocket-Key: ${key}\r\n${credential}\r\n`));
    tls.on('data', onData).once('close', onClose);
  });
}

/** Where the head of a 101 ends, why it is none, or that there is more to come. */
function judgeAnswer(answer: Buffer, key: string): { readonly end: number } | string {
  const end = answer.indexOf('\r\n\r\n');
  if (end < 0) return answer.length > MAX_HEAD ? 'head too long' : 'more';
  const text = answer.toString('latin1', 0, end);
  const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 'not HTTP';
  if (status !== '101') return status;
  return text.includes(acceptKey(key)) ? { end: end + 4 } : 'wrong accept';
}

/** Pieces of a message or a control frame. */
interface Held {
  parts: Buffer[];
  bytes: number;
}

/** One open connection. It answers Ping and Close. */
export class LoadSocket {
  readonly #tls: TLSSocket;
  /** Undefined when nobody wants to hear of it any more. */
  #owner: SocketOwner | undefined;
  readonly #scanner = new FrameScanner(false, false);
  /** A control frame may stand amid the fragments of a message (RFC 6455 §5.4). */
  readonly #data: Held = { parts: [], bytes: 0 };
  readonly #control: Held = { parts: [], bytes: 0 };
  #over = false;

  constructor(tls: TLSSocket, owner: SocketOwner, first: Buffer) {
    this.#tls = tls;
    this.#owner = owner;
    tls.on('data', (chunk) => this.#read(chunk)).once('close', () => this.#end(1006));
    if (first.length > 0) setImmediate(() => this.#read(first));
  }

  /** Whether it was sent, or handed to the kernel's queue: not if too much waits already. */
  send(text: string): boolean {
    if (this.#over || this.#tls.writableLength > MAX_WAITING) return false;
    this.#tls.write(encodeText(text, true));
    return true;
  }

  /** Reads nothing any more. */
  pause(): void {
    this.#tls.pause();
  }

  /** Sends a Close, and lets go when it is answered; nobody is told. */
  close(code = 1000): void {
    if (this.#over) return;
    this.#owner = undefined;
    this.#tls.resume();
    this.#tls.end(encodeClose(code, '', true));
  }

  /** Cuts it; nobody is told. */
  destroy(): void {
    this.#over = true;
    this.#owner = undefined;
    this.#tls.destroy();
  }

  #read(chunk: Buffer): void {
    const scanner = this.#scanner;
    for (let at = 0; at < chunk.length && !this.#over; ) {
      if (scanner.state !== STATE.payload) {
        at = scanner.readHeader(chunk, at);
        if (scanner.fault !== undefined) this.#end(1002);
        if (scanner.state !== STATE.payload) return;
      }
      const end = Math.min(chunk.length, at + scanner.remaining);
      const part = chunk.subarray(at, end);
      at = end;
      const { opcode, final, control } = scanner;
      scanner.consume(part.length);
      const last = scanner.remaining === 0 && (final || control);
      const held = control ? this.#control : this.#data;
      if (last && held.bytes === 0) this.#frame(opcode, part);
      else this.#hold(held, part, last ? opcode : undefined);
    }
  }

  /** What came in pieces; `opcode` is that of the last one. */
  #hold(held: Held, part: Buffer, opcode: number | undefined): void {
    held.bytes += part.length;
    held.parts.push(Buffer.from(part));
    if (held.bytes > MAX_MESSAGE) this.#end(1009);
    if (opcode === undefined || this.#over) return;
    const whole = Buffer.concat(held.parts);
    held.parts = [];
    held.bytes = 0;
    this.#frame(opcode, whole);
  }

  #frame(opcode: number, payload: Buffer): void {
    if (opcode === OPCODE.ping) {
      this.#tls.write(encodeFrame(OPCODE.pong, payload, true));
    } else if (opcode === OPCODE.close) {
      const body = parseClose(payload);
      this.#end(typeof body === 'string' ? 1002 : (body.code ?? 1005));
    } else if (opcode !== OPCODE.pong) {
      this.#owner?.message(payload);
    }
  }

  #end(code: number): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#tls.writable)
      this.#tls.end(encodeClose(code === 1005 || code === 1006 ? undefined : code, '', true));
    setTimeout(() => this.#tls.destroy(), LINGER).unref();
    this.#owner?.closed(code);
  }
}

/** How long a connection that was closed may take to end, in milliseconds. */
const LINGER = 1_000;
