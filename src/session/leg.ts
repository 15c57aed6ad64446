import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { encodeClose } from '../protocol/encode.ts';

/** A leg that has this many bytes to send pauses whoever fills it. Over Node's own mark (16 or 64 KiB), so it drains. */
export const HIGH_WATER = 65_536;

/** Why a leg is not read at the moment; it is read again when none is left. */
export const PAUSE = {
  /** The other leg has too much to send. */
  sink: 1,
  /** It has too much to send itself, and what it reads makes us answer. */
  answers: 2,
  /** A guard has not answered yet. */
  guard: 4,
  /** The session is about to end: what was asked is answered first. */
  leave: 8,
  /** What its client has missed is sent first. */
  replay: 16,
} as const;

/** Gets what a leg reads. */
export interface Receiver {
  receive(chunk: Buffer): void;
}

/** Hears of the end of a leg. */
export interface LegOwner {
  /** The peer sent FIN, or the socket broke: nothing more will come. */
  finished(leg: Leg): void;
  /** The socket is closed. */
  gone(leg: Leg): void;
  /** It has sent all that waited. */
  drained(leg: Leg): void;
}

const LEG = Symbol('leg');
type LegSocket = Duplex & { [LEG]?: Leg };

/** One of the two sockets of a session: what is written to it, whether it is read, and how far its close has come. */
export class Leg {
  readonly side: 'client' | 'upstream';
  readonly socket: Duplex;
  /** Whether chunks it reads lie in a buffer that will be overwritten. */
  readonly borrows: boolean;
  /** The other leg of the session. */
  peer!: Leg;
  receiver!: Receiver;
  readonly #owner: LegOwner;
  readonly #copies: boolean;
  #paused = 0;
  #discards = false;

  /** Something was read since the sweep last looked. */
  heard = true;
  /** It has more to send than the high-water mark, and has not got rid of it since. */
  full = false;
  /** What comes from the other leg is not sent: it lies in a journal, and is sent from there. */
  muted = false;
  sentClose = false;
  gotClose = false;
  gone = false;

  // Stamps of the sweep, monotonic milliseconds; 0 until it has seen the thing begin.
  fullSince = 0;
  closingSince = 0;
  pingedAt = 0;
  /** Pings in a row that nothing was heard after. */
  missed = 0;

  constructor(side: Leg['side'], socket: Duplex, owner: LegOwner) {
    this.side = side;
    this.socket = socket;
    this.#owner = owner;
    this.borrows = side === 'upstream';
    this.#copies = socket instanceof TLSSocket;
    (socket as LegSocket)[LEG] = this;
    socket.on('end', onEnd).on('error', onError).on('close', onClose).on('drain', onDrain);
  }

  /** Whether frames sent on it are masked: there we are the client (RFC 6455 section 5.1). */
  get masks(): boolean {
    return this.side === 'upstream';
  }

  get paused(): boolean {
    return this.#paused !== 0;
  }

  /** Starts reading a stream that owns its chunks. */
  listen(): void {
    this.socket.on('data', onData);
    this.socket.push = onPush;
    if (this.#paused === 0) this.socket.resume();
    else this.socket.pause();
  }

  /** Sees whether it has gone while nobody listened. */
  look(): void {
    if (this.socket.destroyed) Leg.closed(this);
    else if (this.socket.readableEnded) Leg.ended(this);
  }

  /** Sends what came from the other leg. `borrowed`: the bytes are overwritten when this returns. */
  forward(bytes: Buffer, borrowed: boolean): void {
    if (!this.muted) this.push(bytes, borrowed);
  }

  /** As `forward`, muted or not. */
  push(bytes: Buffer, borrowed: boolean): void {
    if (!this.#write(bytes, borrowed)) return;
    this.full = true;
    this.peer.pause(PAUSE.sink);
  }

  /** Sends what we have to say ourselves, because of something this leg read. */
  answer(bytes: Buffer): void {
    if (!this.#write(bytes, false)) return;
    this.full = true;
    this.pause(PAUSE.answers);
  }

  /** Sends a Close, once; nothing goes out behind it. */
  close(code: number | undefined, reason: string): void {
    if (this.sentClose) return;
    this.#write(encodeClose(code, reason, this.masks), false);
    this.sentClose = true;
  }

  pause(why: number): void {
    if (this.#discards) return;
    if (this.#paused === 0) this.socket.pause();
    this.#paused |= why;
  }

  resume(why: number): void {
    if ((this.#paused & why) === 0) return;
    this.#paused &= ~why;
    if (this.#paused === 0) this.socket.resume();
  }

  /** From here on it is always read, so that its end is seen: what comes is thrown away, or only looked at. */
  discard(): void {
    if (this.#discards) return;
    this.#discards = true;
    if (this.#paused === 0) return;
    this.#paused = 0;
    this.socket.resume();
  }

  /** Sends FIN behind what is still to be sent. */
  end(): void {
    this.discard();
    if (!this.socket.writableEnded) this.socket.end();
  }

  /** Sends FIN and lets go of the socket as soon as all is flushed. */
  finish(): void {
    this.end();
    if (this.socket.writableFinished) this.socket.destroy();
    else this.socket.once('finish', destroy);
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Returns whether there is too much to send now. */
  #write(bytes: Buffer, borrowed: boolean): boolean {
    const { socket } = this;
    if (this.sentClose || socket.writableEnded || socket.destroyed) return false;
    // TLS encrypts a single buffer before write() returns, if nothing waits before it: it has its own copy then. All
    // other ways keep a reference until the kernel has taken it.
    const copied = this.#copies && socket.writableLength === 0;
    const roomy = socket.write(borrowed && !copied ? Buffer.from(bytes) : bytes);
    return !roomy && socket.writableLength > HIGH_WATER;
  }

  /** Called by the socket's listeners, which are shared by all legs: a closure each would cost memory a connection. */
  static drained(leg: Leg): void {
    leg.full = false;
    leg.fullSince = 0;
    leg.peer.resume(PAUSE.sink);
    leg.resume(PAUSE.answers);
    leg.#owner.drained(leg);
  }

  static ended(leg: Leg): void {
    leg.#owner.finished(leg);
  }

  static closed(leg: Leg): void {
    if (leg.gone) return;
    leg.gone = true;
    leg.#owner.finished(leg);
    leg.#owner.gone(leg);
  }
}

function onData(this: LegSocket, chunk: Buffer): void {
  this[LEG]!.receiver.receive(chunk);
}

/**
 * What a socket does with what it has read. A stream tells of it by an event and plans to read on, for each chunk;
 * while nothing waits and it is read, the receiver is told at once.
 */
function onPush(this: LegSocket, chunk: Buffer | null, encoding?: BufferEncoding): boolean {
  if (chunk === null || !this.readableFlowing || this.readableLength > 0)
    return Duplex.prototype.push.call(this, chunk, encoding);
  this[LEG]!.receiver.receive(chunk);
  return true;
}

function onEnd(this: LegSocket): void {
  Leg.ended(this[LEG]!);
}

function onClose(this: LegSocket): void {
  Leg.closed(this[LEG]!);
}

function onDrain(this: LegSocket): void {
  Leg.drained(this[LEG]!);
}

/** Every error of a socket is followed by its `close`. */
function onError(): void {}

function destroy(this: Duplex): void {
  this.destroy();
}
