import { randomBytes } from 'node:crypto';
import { OPCODE } from '../../protocol/frames.ts';
import { isOpened } from './answer.ts';
import { type Asker, exchange } from './ask.ts';
import { decodeFrame, encodeFrames, type Frame, type FrameSpec, ping } from './frames.ts';
import type { Change } from './request.ts';
import type { Wire } from './wire.ts';

/** What a server did after something was sent: closed in order, dropped the connection, or carried on. */
export type Outcome =
  | { readonly kind: 'closed'; readonly code: number | undefined; readonly ms: number }
  | { readonly kind: 'dropped'; readonly ms: number }
  /** It answered a Ping that was sent later. */
  | { readonly kind: 'alive'; readonly ms: number }
  | { readonly kind: 'silent'; readonly ms: number };

/** Frames that are remembered. */
const MAX_FRAMES = 20_000;
/** Of a payload, in bytes. */
const MAX_KEPT = 1_024;

/** The upgrade that a check needs was refused. */
export class NotOpened extends Error {
  override readonly name = 'NotOpened';
}

/** Opens a WebSocket. @throws NotOpened @throws Throttled @throws Unreachable */
export async function openSocket(asker: Asker, change: Change = {}): Promise<OpenSocket> {
  const { answer, wire } = await exchange(asker, change);
  if (isOpened(answer)) return new OpenSocket(wire);
  wire.destroy();
  throw new NotOpened('the endpoint did not open a WebSocket this time');
}

/** An open WebSocket on which any bytes can be sent. It answers neither Ping nor Close by itself. */
export class OpenSocket {
  readonly wire: Wire;
  /** The frames so far. */
  readonly frames: Frame[] = [];
  /** Whether each Ping is answered. */
  answersPing = false;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  /** Sends frames, in one write. @throws BudgetSpent */
  send(...specs: readonly FrameSpec[]): void {
    this.wire.write(encodeFrames(specs));
  }

  /** Resolves with what `look` finds in the frames that have come; undefined after this many milliseconds. */
  until<T>(look: (socket: OpenSocket) => T | undefined, milliseconds: number): Promise<T | undefined> {
    return this.wire.until(() => {
      this.#read();
      return look(this);
    }, milliseconds);
  }

  /**
   * Waits for the end. With a `probe`, a Ping with random bytes is sent, whose Pong shows that the server carries on; or
   * one was sent already, with this mark.
   */
  async outcome(
    milliseconds: number,
    probe: 'probe' | 'watch' = 'probe',
    mark: Buffer = randomBytes(8),
  ): Promise<Outcome> {
    const began = performance.now();
    if (probe === 'probe') this.send(ping(mark));
    const kind = await this.until((socket) => socket.#stands(mark), milliseconds);
    const ms = performance.now() - began;
    if (kind === undefined) return { kind: 'silent', ms };
    return kind === 'closed' ? { kind, code: this.closeCode, ms } : { kind, ms };
  }

  /** The code of the Close that came; undefined if none came, or its body was empty. */
  get closeCode(): number | undefined {
    const frame = this.frames.find(({ opcode }) => opcode === OPCODE.close);
    return frame && frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : undefined;
  }

  destroy(): void {
    this.wire.destroy();
  }

  #stands(mark: Buffer): 'closed' | 'dropped' | 'alive' | undefined {
    if (this.frames.some(({ opcode }) => opcode === OPCODE.close)) return 'closed';
    if (this.frames.some(({ opcode, payload }) => opcode === OPCODE.pong && payload.equals(mark)))
      return 'alive';
    return this.wire.ending === 'open' ? undefined : 'dropped';
  }

  /** A server that never stops talking fills no memory: of much the newest is kept, and of long payloads the beginning. */
  #keep(frame: Frame): void {
    const { payload } = frame;
    const kept = payload.length > MAX_KEPT ? Buffer.from(payload.subarray(0, MAX_KEPT)) : payload;
    if (this.frames.length >= MAX_FRAMES) this.frames.splice(0, MAX_FRAMES / 2);
    this.frames.push({ ...frame, payload: kept });
  }

  #read(): void {
    for (let next = decodeFrame(this.wire.held); next; next = decodeFrame(this.wire.held)) {
      this.wire.take(next.size);
      this.#keep(next.frame);
      if (this.answersPing && next.frame.opcode === OPCODE.ping)
        this.send({ opcode: OPCODE.pong, payload: next.frame.payload });
    }
  }
}

/** Whether the connection has ended, in order or not. */
export function isOver({ kind }: Outcome): boolean {
  return kind === 'closed' || kind === 'dropped';
}

/** In a few words, for reports. */
export function outcomeText(outcome: Outcome): string {
  if (outcome.kind === 'closed') return outcome.code === undefined ? 'closed' : `closed with ${outcome.code}`;
  return { dropped: 'connection dropped', alive: 'carried on', silent: 'neither closed nor answered a Ping' }[
    outcome.kind
  ];
}
