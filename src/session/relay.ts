import type { RefusalCode } from '../errors.ts';
import type { Renewable } from '../pipeline/connection.ts';
import { CLOSE } from '../pipeline/dialect.ts';
import type { Inspector, Stopped } from '../pipeline/inspect.ts';
import type { Direction } from '../pipeline/message.ts';
import type { Denial } from '../pipeline/refusals.ts';
import { isPromise, type MaybePromise, PASS, type Pass, type Refused, refuse } from '../pipeline/verdict.ts';
import { type CloseBody, parseClose } from '../protocol/close.ts';
import { encodeFrame, encodeText } from '../protocol/encode.ts';
import { FRAME_FAULTS, FrameScanner, OPCODE, STATE } from '../protocol/frames.ts';
import { DLE } from '../protocol/session-protocol.ts';
import { ControlPayload } from './control-payload.ts';
import { inflateMessage } from './inflate.ts';
import { type Leg, PAUSE } from './leg.ts';
import { type HeldCount, Passage } from './passage.ts';
import { isText, lendReading, type Reading, sharedReading } from './reading.ts';
import type { Resumption } from './resumption.ts';

/** What a relay asks and tells its session. */
export interface RelayHost extends Renewable {
  /** Counts what messages that are not whole hold, where somebody counts. */
  readonly unfinished?: HeldCount | undefined;
  /** Whether the credential has run out. If so, the session has begun to end. */
  expire(): boolean;
  /** A message broke a rule that is checked here: to be recorded, and the session ends with its code. */
  violated(denial: Denial, direction: Direction): void;
  /** A guard or the dialect wants the session ended; it is recorded already. */
  denied(refused: Refused, direction: Direction): void;
  /** This side's bytes cannot be read as frames any more, so its Close cannot be waited for. */
  unreadable(direction: Direction): void;
  /** A Close came. */
  closed(body: CloseBody, direction: Direction): void;
}

const MODE = {
  /** Messages are judged and forwarded. */
  open: 0,
  /** We have sent a Close: messages are thrown away, the answer is waited for. */
  closing: 1,
  /** A Close came, or what came is no frame: nothing behind it is looked at (RFC 6455 section 5.5.1). */
  shut: 2,
} as const;

/**
 * One direction of a session, an inspecting splice: it scans the frame headers of a chunk, judges each message whole,
 * and forwards the original bytes, all that pass from one chunk in one write. Control frames are answered here.
 */
export class Relay {
  readonly direction: Direction;
  inspector: Inspector;
  readonly #host: RelayHost;
  readonly #source: Leg;
  #sink: Leg;
  readonly #scanner: FrameScanner;
  readonly #passage: Passage;
  readonly #control = new ControlPayload();
  /** Counts and keeps what passes, where the session may be resumed. */
  readonly #resumption: Resumption | undefined;
  #mode: number = MODE.open;
  /** Bytes that wait for a guard's answer. */
  #backlog: Buffer | undefined = undefined;
  #busy = false;
  #waiting = false;

  // The message at hand.
  #binary = false;
  #bytes = 0;
  #fragments = 0;
  /** It begins with DLE as the application has it, so it travels with one more between client and gateway. */
  #escaped = false;

  /** Pings and pongs, less what the sweep has let run off. */
  controls = 0;
  /** Grows with every message, so that the sweep can tell one unfinished message from the next. */
  serial = 0;
  /** Messages that were forwarded, and their payload in bytes. */
  messages = 0;
  payload = 0;
  /** Something was said since the sweep last looked. */
  spoke = false;

  // Stamps of the sweep.
  unfinished = -1;
  unfinishedSince = 0;

  constructor(
    host: RelayHost,
    inspector: Inspector,
    source: Leg,
    sink: Leg,
    deflate: boolean,
    resumption?: Resumption,
  ) {
    this.#host = host;
    this.inspector = inspector;
    this.direction = inspector.direction;
    this.#source = source;
    this.#sink = sink;
    this.#passage = new Passage(source, sink, host.unfinished);
    this.#scanner = new FrameScanner(source.side === 'client', deflate);
    this.#resumption = resumption;
  }

  /** Whether the peer owes the rest of a frame or message. */
  get incomplete(): boolean {
    return this.#mode === MODE.open && !this.#waiting && this.#scanner.incomplete;
  }

  /** Bytes that are kept for this direction. */
  get held(): number {
    return (this.#passage.held?.length ?? 0) + (this.#backlog?.length ?? 0);
  }

  /** From here on it leads to another connection of the client. */
  redirect(sink: Leg): void {
    this.#sink = sink;
    this.#passage.redirect(sink);
  }

  /** Takes a chunk off the wire. */
  receive(chunk: Buffer): void {
    this.#source.heard = true;
    if (this.#mode === MODE.shut) return;
    if (this.#busy || this.#waiting) this.#postpone(chunk, 0);
    else this.#pump(chunk);
  }

  /** No message passes any more; only the peer's Close is waited for. */
  stop(): void {
    if (this.#mode !== MODE.open) return;
    this.#mode = MODE.closing;
    this.#passage.release();
    this.#source.discard();
  }

  /** Nothing is looked at any more. */
  shut(): void {
    this.#mode = MODE.shut;
    this.#passage.release();
    this.#backlog = undefined;
    this.#source.discard();
  }

  #pump(chunk: Buffer): void {
    this.#busy = true;
    let next: Buffer | undefined = chunk;
    while (next) {
      if (this.#mode === MODE.open) this.#host.expire();
      this.#scan(next);
      next = this.#waiting ? undefined : this.#backlog;
      if (next) this.#backlog = undefined;
    }
    this.#busy = false;
    this.#resumption?.acknowledge();
  }

  #scan(chunk: Buffer): void {
    const scanner = this.#scanner;
    this.#passage.cut(0);
    let frame = 0;
    let at = 0;
    while (at < chunk.length) {
      if (scanner.state !== STATE.payload) {
        if (scanner.state === STATE.first) frame = at;
        at = scanner.readHeader(chunk, at);
        if (scanner.state !== STATE.payload) break;
        if (!scanner.control) this.#measure(chunk);
      }
      const bytes = Math.min(scanner.remaining, chunk.length - at);
      if (scanner.control) {
        this.#control.collect(chunk, at, at + bytes, scanner.length - scanner.remaining, scanner.length);
      }
      at += bytes;
      scanner.consume(bytes);
      if (scanner.remaining > 0) break;
      if (scanner.control) this.#controlled(chunk, frame, at);
      else if (scanner.kind === 0) this.#complete(chunk, at);
      if (this.#waiting || this.#mode === MODE.shut) return;
    }
    if (scanner.fault !== undefined) this.#broken(chunk, FRAME_FAULTS[scanner.fault]);
    // A control frame that is cut here is no part of the message around it.
    const end = scanner.control && scanner.state !== STATE.first ? frame : chunk.length;
    if (this.#mode === MODE.open) this.#passage.hold(chunk, end);
  }

  /** Counts a data frame whose header is known: a message that will be too large is refused before its body comes. */
  #measure(chunk: Buffer): void {
    if (this.#mode !== MODE.open) return;
    const { opcode, length, compressed } = this.#scanner;
    const { maxBytes, maxFragments } = this.inspector.route.frames;
    if (opcode !== OPCODE.continuation) {
      this.#binary = opcode === OPCODE.binary;
      this.#bytes = 0;
      this.#fragments = 0;
    }
    this.#bytes += length;
    this.#fragments++;
    // What does not compress grows: by 5 bytes for each stored block, of 16 KiB as zlib makes them.
    const most = compressed ? maxBytes + (maxBytes >> 10) + 16 : maxBytes;
    if (this.#bytes > most) this.#fail(chunk, 'message_too_big', `over ${maxBytes} bytes`);
    else if (this.#fragments > maxFragments) this.#fail(chunk, 'fragments_exceeded', `over ${maxFragments}`);
  }

  /** A message is whole: its last byte is the one before `at`. */
  #complete(chunk: Buffer, at: number): void {
    if (this.#mode !== MODE.open) return;
    this.serial++;
    this.spoke = true;
    const { counters } = this.inspector;
    const begun = counters.time.begin();
    const passage = this.#passage;
    if (passage.held) passage.hold(chunk, at);
    const { held } = passage;
    const outcome = held ? this.#judge(held.bytes, 0, held.length) : this.#judge(chunk, passage.mark, at);
    if (isPromise(outcome)) {
      this.#wait(outcome, chunk, at);
    } else if (outcome === PASS) {
      this.#pass(chunk, at, sharedReading());
      counters.time.end(begun);
    } else {
      passage.drop(chunk, at);
      if (outcome !== HEARD) this.#judged(outcome as Stopped);
    }
  }

  /** Judges the whole message in `raw[from..to)`. */
  #judge(raw: Buffer, from: number, to: number): MaybePromise<Pass | Stopped> | typeof HEARD {
    const { compressed } = this.#scanner;
    this.#escaped = false;
    const reading = sharedReading();
    if (this.inspector.idle && !compressed) {
      if (this.#binary) return PASS;
      if (this.#fragments === 1 && this.#source.side === 'upstream' && !this.#isMarked(raw, to)) {
        // It lies open and in one piece.
        return isText(raw, to - this.#bytes, to) ? PASS : this.#denial('text_invalid', NOT_TEXT);
      }
    }
    reading.gather(raw, from, to);
    if (compressed) {
      const inflated = inflateMessage(reading.bytes, this.inspector.route.frames.maxBytes);
      if (typeof inflated === 'string') return this.#denial(inflated, 'a compressed message');
      reading.replace(inflated);
    }
    if (!this.#binary && !reading.valid) return this.#denial('text_invalid', NOT_TEXT);
    if (this.#resumption && !this.#binary && reading.bytes[0] === DLE_BYTE) {
      if (this.direction === 'client' && reading.bytes[1] !== DLE_BYTE) return this.#hear(reading.text());
      if (this.direction === 'client') reading.replace(reading.bytes.subarray(1));
      this.#escaped = true;
    }
    reading.direction = this.direction;
    reading.binary = this.#binary;
    return this.inspector.inspect(reading, this.#host);
  }

  /** Whether a text that lies open in one frame, and ends before `to`, must be escaped on its way to the client. */
  #isMarked(raw: Buffer, to: number): boolean {
    return this.#resumption !== undefined && this.#bytes > 0 && raw[to - this.#bytes] === DLE_BYTE;
  }

  /** The client speaks to the gateway. That is no message, but bounded as pings are. */
  #hear(text: string): typeof HEARD | Denial {
    if (++this.controls > this.inspector.route.frames.maxControlRate)
      return this.#denial('control_flood', 'pings, pongs and acknowledgements');
    return this.#resumption!.hear(text) ? HEARD : this.#denial('resume_invalid', 'not a count that can be');
  }

  /** The message at hand may go; what was compressed goes inflated, for nobody negotiated that with the upstream. */
  #pass(chunk: Buffer, at: number, reading: Reading): void {
    const { counters } = this.inspector;
    counters.forwarded++;
    counters.bytes += this.#bytes;
    this.messages++;
    this.payload += this.#bytes;
    if (this.#scanner.compressed || this.#escaped) {
      this.#replace(chunk, at, reading.bytes);
    } else {
      if (this.direction === 'server') this.#resumption?.keep(this.#passage.message(chunk, at));
      this.#passage.pass(chunk, at);
    }
    if (this.direction === 'client') this.#resumption?.took();
  }

  /** Sends the message at hand in another form than it came in. */
  #replace(chunk: Buffer, at: number, bytes: Buffer): void {
    const opcode = this.#binary ? OPCODE.binary : OPCODE.text;
    const marked = this.#escaped && this.direction === 'server';
    const frame = encodeFrame(opcode, marked ? Buffer.concat([DLE_MARK, bytes]) : bytes, this.#sink.masks);
    if (this.direction === 'server') this.#resumption?.keep(frame);
    this.#passage.replace(chunk, at, frame);
  }

  /** A whole message was refused, or was for us: that is dealing with it, unless it was none. */
  #judged(stopped: Stopped): void {
    const taken = 'answer' in stopped;
    if (this.direction === 'client' && (taken || stopped.guard !== 'frames')) this.#resumption?.took();
    if (!taken) this.#refused(stopped);
    else if (stopped.answer !== undefined) this.#answer(stopped.answer);
  }

  /** Does what is to be done about what was refused. */
  #refused(denial: Denial): void {
    const { refused, action, guard } = denial;
    if (guard === 'frames') {
      this.#host.violated(denial, this.direction);
    } else if (action === 'close') {
      this.#host.denied(refused, this.direction);
    } else if (action === 'answer') {
      const answer = this.inspector.answer(denial, this.#host);
      if (answer === CLOSE) this.#host.denied(refused, this.direction);
      else if (answer !== undefined) this.#answer(answer);
    }
  }

  #answer(text: string): void {
    if (this.#resumption && this.direction === 'client') this.#resumption.answer(text);
    else this.#source.answer(encodeText(text, this.#source.masks));
  }

  /** A guard takes its time: this direction stands still, and what it has not judged is kept. */
  #wait(outcome: Promise<Pass | Stopped>, chunk: Buffer, at: number): void {
    const reading = sharedReading();
    lendReading();
    this.#passage.hold(chunk, at);
    if (at < chunk.length) this.#postpone(chunk, at);
    this.#waiting = true;
    this.#source.pause(PAUSE.guard);
    outcome.then(
      (settled) => this.#settled(settled, reading),
      () => this.#settled(this.#denial('internal', 'the inspection failed'), reading),
    );
  }

  #settled(outcome: Pass | Stopped, reading: Reading): void {
    this.#waiting = false;
    if (this.#mode === MODE.open && !this.#host.expire()) {
      if (outcome === PASS) this.#pass(EMPTY, 0, reading);
      else this.#judged(outcome as Stopped);
    }
    this.#passage.release();
    const rest = this.#backlog;
    this.#backlog = undefined;
    if (rest && this.#mode !== MODE.shut) this.#pump(rest);
    else this.#resumption?.acknowledge();
    if (!this.#waiting) this.#source.resume(PAUSE.guard);
  }

  /** A control frame is whole: it is taken out of the stream, and answered. */
  #controlled(chunk: Buffer, frame: number, at: number): void {
    const { opcode, length, key, kind } = this.#scanner;
    const payload = this.#control.take(length, key);
    if (this.#mode === MODE.open) {
      this.#passage.hold(chunk, frame);
      if (kind === 0) this.serial++;
    }
    this.#passage.cut(at);
    if (opcode === OPCODE.close) {
      this.#closed(payload);
    } else if (this.#mode !== MODE.open) {
      return;
    } else if (++this.controls > this.inspector.route.frames.maxControlRate) {
      this.#fail(chunk, 'control_flood', 'pings and pongs');
    } else if (opcode === OPCODE.ping) {
      this.#source.answer(encodeFrame(OPCODE.pong, payload, this.#source.masks));
    }
  }

  #closed(payload: Buffer): void {
    const body = parseClose(payload);
    if (typeof body === 'string') {
      const code = body === 'text' ? 'text_invalid' : 'frame_invalid';
      this.#broken(EMPTY, `the ${body} of a Close is not valid`, code);
    } else {
      this.shut();
      this.#host.closed(body, this.direction);
    }
  }

  /** What came is no frame, or a Close that is none: nothing behind it can be understood. */
  #broken(chunk: Buffer, reason: string, code: RefusalCode = 'frame_invalid'): void {
    this.#fail(chunk, code, reason);
    this.shut();
    this.#host.unreadable(this.direction);
  }

  /** Ends the session for a rule that is checked here. What passed before is forwarded. */
  #fail(chunk: Buffer, code: RefusalCode, reason: string): void {
    if (this.#mode !== MODE.open) return;
    this.#passage.flush(chunk);
    this.#refused(this.#denial(code, reason));
  }

  #denial(code: RefusalCode, reason: string): Denial {
    return {
      pass: false,
      guard: 'frames',
      refused: refuse(code, reason, 'close'),
      action: 'close',
      messages: NONE,
    };
  }

  /** Keeps bytes that cannot be looked at yet. */
  #postpone(chunk: Buffer, from: number): void {
    const rest = chunk.subarray(from);
    if (this.#backlog) this.#backlog = Buffer.concat([this.#backlog, rest]);
    else this.#backlog = this.#source.borrows ? Buffer.from(rest) : rest;
  }
}

const EMPTY = Buffer.alloc(0);
const DLE_MARK = Buffer.from(DLE);
const DLE_BYTE = DLE_MARK[0]!;
/** Of a message that was for the gateway alone. */
const HEARD = Symbol('heard');
const NONE: Denial['messages'] = [];
const NOT_TEXT = 'a text message is not UTF-8';
