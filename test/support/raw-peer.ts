import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  close,
  encode,
  encodeAll,
  FrameReader,
  type FrameSpec,
  OPCODE,
  type RawFrame,
} from './raw-frames.ts';

/** What came, messages whole. `close` carries its code in `code`. */
export interface Received {
  readonly kind: 'text' | 'binary' | 'ping' | 'pong' | 'close' | 'reserved';
  readonly payload: Buffer;
  /** Of a Close; 1005 if its body was empty. */
  readonly code?: number;
}

/** How a connection ended. */
export interface Ending {
  /** From the peer's Close; 1005 if that was empty, 1006 if none came. */
  readonly code: number;
  readonly reason: string;
  /** Of the TCP connection. `self`: this side destroyed it. */
  readonly how: 'fin' | 'reset' | 'self';
}

export interface PeerOptions {
  /** Whether this side is the client, and so masks. */
  readonly client: boolean;
  /** Answers a Close with the same code, and ends (a server) as RFC 6455 §7.1.1 says. On by default. */
  readonly answersClose?: boolean;
  readonly answersPing?: boolean;
  /** Sends FIN when the peer has. On by default. */
  readonly answersFin?: boolean;
  /** Called with each whole message and control frame, before it is queued. */
  readonly on?: (received: Received, peer: RawPeer) => void;
}

const PATIENCE = 8_000; // ms: shorter than a test may take, so that the message says what was awaited
const KINDS: Record<number, Received['kind']> = { 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };

/**
 * One end of an open WebSocket that can send any bytes, and queues everything that it receives.
 * Nothing is missed: what arrives before it is asked for waits.
 */
export class RawPeer {
  readonly socket: Duplex;
  readonly client: boolean;
  /** Every frame so far, as it came. */
  readonly frames: RawFrame[] = [];
  /** Every whole message and control frame so far; `next()` walks along it. */
  readonly received: Received[] = [];
  readonly #options: PeerOptions;
  readonly #reader = new FrameReader();
  #partial: RawFrame[] = [];
  #read = 0;
  #wake: (() => void)[] = [];
  #closeFrame: Received | undefined;
  #sentClose = false;
  #ending: Ending | undefined;
  #destroyedHere = false;

  constructor(socket: Duplex, options: PeerOptions, head: Buffer = Buffer.alloc(0)) {
    this.socket = socket;
    this.client = options.client;
    this.#options = options;
    let how: Ending['how'] = 'fin';
    socket.on('error', () => {
      how = 'reset';
    });
    socket.on('end', () => {
      if (options.answersFin !== false) socket.end();
    });
    socket.on('close', () => this.#ended(this.#destroyedHere ? 'self' : how));
    if (socket.destroyed) this.#ended('reset');
    if (head.length > 0) this.#take(head);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.resume();
  }

  /** Sends frames, in one write. */
  send(...frames: readonly FrameSpec[]): void {
    this.write(encodeAll(frames, this.client));
    if (frames.some((frame) => frame.opcode === OPCODE.close)) this.#sentClose = true;
  }

  /** Sends bytes as they are. */
  write(bytes: Buffer): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  /** Sends bytes, and resolves when the kernel has taken them: true, or false if it never will. */
  handedOver(bytes: Buffer): Promise<boolean> {
    if (!this.socket.writable) return Promise.resolve(false);
    return new Promise((resolve) => this.socket.write(bytes, (error) => resolve(!error)));
  }

  /** Sends bytes in pieces of this size, each one handed to the kernel (and so a TLS record) of its own. */
  async writeInPieces(bytes: Buffer, size: number): Promise<void> {
    for (let at = 0; at < bytes.length && this.socket.writable; at += size) {
      await this.handedOver(bytes.subarray(at, at + size));
    }
  }

  /** The next message or control frame; rejects if the connection ends first, or nothing comes in a while. */
  async next(): Promise<Received> {
    await this.#until(
      () => this.#read < this.received.length || this.#ending !== undefined,
      'something to arrive',
    );
    const received = this.received[this.#read++];
    if (received) return received;
    throw new Error(
      `ended (${this.#ending!.code} by ${this.#ending!.how}) while waiting for something to arrive`,
    );
  }

  /** The next one of this kind; others before it are passed over. */
  async nextOf(kind: Received['kind']): Promise<Received> {
    for (;;) {
      const received = await this.next();
      if (received.kind === kind) return received;
    }
  }

  /** Resolves when this many bytes or frames, or anything else one can say of it, have come. */
  async until(holds: (peer: RawPeer) => boolean, what: string): Promise<void> {
    await this.#until(() => holds(this), what);
  }

  /** When the TCP connection is gone: how it ended. */
  async closed(): Promise<Ending> {
    await this.#until(() => this.#ending !== undefined, 'the connection to end');
    return this.#ending!;
  }

  get ended(): boolean {
    return this.#ending !== undefined;
  }

  /** Stops reading, so that the other side's writes fill the kernel's buffers. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Sends FIN and keeps reading. */
  halfClose(): void {
    this.socket.end();
  }

  /** Sends FIN below TLS, without the close_notify that should go before it (RFC 8446 §6.1). */
  cutBelowTls(): void {
    this.#destroyedHere = true;
    tcpOf(this.socket).end();
  }

  /** Sends RST. Under TLS it is the TCP connection below that is reset. */
  reset(): void {
    this.#destroyedHere = true;
    const lowest = tcpOf(this.socket);
    lowest.resetAndDestroy();
    this.socket.destroy();
  }

  destroy(): void {
    this.#destroyedHere = true;
    this.socket.destroy();
  }

  #take(chunk: Buffer): void {
    for (const frame of this.#reader.push(chunk)) this.#frame(frame);
    this.#stir();
  }

  #frame(frame: RawFrame): void {
    this.frames.push(frame);
    if (frame.opcode >= 8) {
      this.#receive(frame.opcode, frame.payload);
      return;
    }
    this.#partial.push(frame);
    if (!frame.fin) return;
    const parts = this.#partial;
    this.#partial = [];
    this.#receive(parts[0]!.opcode, Buffer.concat(parts.map((part) => part.payload)));
  }

  #receive(opcode: number, payload: Buffer): void {
    const kind = KINDS[opcode] ?? 'reserved';
    const code = kind !== 'close' ? undefined : payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    const received: Received = { kind, payload, ...(code !== undefined && { code }) };
    this.received.push(received);
    this.#options.on?.(received, this);
    if (kind === 'ping' && this.#options.answersPing) this.send({ opcode: OPCODE.pong, payload });
    if (kind === 'close') this.#answerClose(received);
  }

  #answerClose(received: Received): void {
    this.#closeFrame ??= received;
    if (this.#options.answersClose === false) return;
    if (!this.#sentClose) {
      this.#sentClose = true;
      this.write(encode(received.code === 1005 ? close() : close(received.code), this.client));
    }
    if (!this.client) this.socket.end();
  }

  #ended(how: Ending['how']): void {
    const code = this.#closeFrame?.code ?? 1006;
    this.#ending ??= { code, reason: this.#closeFrame?.payload.subarray(2).toString() ?? '', how };
    this.#stir();
  }

  #stir(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }

  async #until(holds: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    while (!holds()) {
      const left = deadline - Date.now();
      if (left <= 0)
        throw new Error(`waited ${PATIENCE} ms in vain for ${what}; received: ${this.#summary()}`);
      await new Promise<void>((wake) => {
        const timer = setTimeout(wake, left);
        this.#wake.push(() => {
          clearTimeout(timer);
          wake();
        });
      });
    }
  }

  #summary(): string {
    const kinds = this.received
      .slice(-10)
      .map((r) => `${r.kind}${r.code ? ` ${r.code}` : ''}(${r.payload.length})`);
    return `${this.received.length} in all, the last ${kinds.join(', ') || 'none'}`;
  }
}

const beneath = new WeakMap<Duplex, Socket>();

/** Notes which TCP socket a TLS socket runs on, for `reset()`. */
export function ridesOn(secure: Duplex, tcp: Socket): void {
  beneath.set(secure, tcp);
}

function tcpOf(socket: Duplex): Socket {
  return beneath.get(socket) ?? (socket as Socket);
}
