import { Duplex } from 'node:stream';
import type { RoutePlan } from '../../src/pipeline/route.ts';
import type { SessionHost } from '../../src/session/session.ts';
import { openHost, sessionBetween } from './memory-session.ts';
import { FrameReader, OPCODE, type RawFrame } from './raw-frames.ts';
import { line, type Verdict } from './verdict.ts';

/** Keeps what is written to it; what it reads is emitted by the test. */
class Capture extends Duplex {
  readonly frames: RawFrame[] = [];
  readonly #reader = new FrameReader();

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.frames.push(...this.#reader.push(chunk));
    done();
  }
}

const host: SessionHost = openHost();

/** Who sends the stream that is played. */
export type Sender = 'client' | 'upstream';

/** A session whose sender is the test, chunk by chunk. */
export interface Stage {
  feed(chunk: Buffer): void;
  /** What has come of it so far. */
  verdict(): Verdict;
}

/** Opens a session on this route for one side to send to. Synchronous as far as the guards of the route are. */
export function stage(route: RoutePlan, from: Sender, deflate = false): Stage {
  const client = new Capture();
  const upstream = new Capture();
  const session = sessionBetween(client, upstream, route, deflate, host);
  host.registry.remove(session); // thousands of them are left lying open
  const [sender, other] = from === 'client' ? [client, upstream] : [upstream, client];
  return {
    feed: (chunk) => void sender.emit('data', Buffer.from(chunk)), // a copy: it may be changed in place
    verdict: () => verdictOf(sender.frames, other.frames),
  };
}

/** What a session on this route makes of these chunks from one of its sides: quick, for many streams. */
export function play(chunks: readonly Buffer[], route: RoutePlan, from: Sender, deflate = false): Verdict {
  const { feed, verdict } = stage(route, from, deflate);
  for (const chunk of chunks) feed(chunk);
  return verdict();
}

function verdictOf(back: readonly RawFrame[], through: readonly RawFrame[]): Verdict {
  const told = closeCode(back);
  return {
    messages: messageLines(through),
    pongs: back.filter(({ opcode }) => opcode === OPCODE.pong).map(({ payload }) => payload.toString('hex')),
    // A Close that was read goes on to the other side; of a failure it learns no more than that it happened.
    end: told === 0 ? 'open' : told === closeCode(through) ? 'closed' : 'failed',
    code: told,
  };
}

/** 0 where there is no Close, 1005 for an empty one. */
function closeCode(frames: readonly RawFrame[]): number {
  const close = frames.find(({ opcode }) => opcode === OPCODE.close);
  if (!close) return 0;
  return close.payload.length < 2 ? 1005 : close.payload.readUInt16BE(0);
}

function messageLines(frames: readonly RawFrame[]): string[] {
  const lines: string[] = [];
  let parts: RawFrame[] = [];
  for (const frame of frames) {
    if (frame.opcode === OPCODE.close) continue;
    parts.push(frame);
    if (!frame.fin) continue;
    lines.push(line(parts[0]!.opcode === OPCODE.binary, Buffer.concat(parts.map(({ payload }) => payload))));
    parts = [];
  }
  return lines;
}
