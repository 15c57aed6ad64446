import { randomBytes } from 'node:crypto';
import type { Asker } from '../audit/probe/ask.ts';
import { ping } from '../audit/probe/frames.ts';
import { openSocket } from '../audit/probe/socket.ts';
import { OPCODE } from '../protocol/frames.ts';
import type { Verdict } from './oracle.ts';

/** Looks so many times before it has an opinion. */
const SAMPLES = 10;

/** Slower than in the beginning by this, and by so many milliseconds. */
const SLOWER = 5;
const SLOWEST = 100;

/** More than in the beginning by this, and by so many bytes. */
const LARGER = 1.5;
const LARGEST = 67_108_864;

/** Watches how quickly an endpoint answers and, where it says, how much memory it holds. */
export class Health {
  readonly #asker: Asker;
  readonly #memory: (() => Promise<number | undefined>) | undefined;
  readonly #latencies: number[] = [];
  readonly #sizes: number[] = [];

  /** @param memory asks for the bytes that the endpoint holds */
  constructor(asker: Asker, memory: (() => Promise<number | undefined>) | undefined) {
    this.#asker = asker;
    this.#memory = memory;
  }

  /** Looks once; what has grown too much is a finding. */
  async look(): Promise<Verdict | undefined> {
    const socket = await openSocket(this.#asker);
    const mark = randomBytes(8);
    const begun = performance.now();
    socket.send(ping(mark));
    await socket.until(
      ({ frames }) =>
        frames.some(({ opcode, payload }) => opcode === OPCODE.pong && payload.equals(mark)) || undefined,
      this.#asker.patience.answer,
    );
    this.#latencies.push(performance.now() - begun);
    socket.destroy();
    const bytes = await this.#memory?.();
    if (bytes !== undefined) this.#sizes.push(bytes);
    return this.#slower() ?? this.#larger();
  }

  #slower(): Verdict | undefined {
    const [before, now] = ends(this.#latencies);
    if (before === undefined || now === undefined || now < before * SLOWER || now < SLOWEST) return undefined;
    return {
      oracle: 'latency',
      seen: `a Ping took ${before.toFixed(1)} ms at first and ${now.toFixed(1)} ms now`,
    };
  }

  #larger(): Verdict | undefined {
    const [before, now] = ends(this.#sizes);
    if (before === undefined || now === undefined || now < before * LARGER || now - before < LARGEST)
      return undefined;
    return { oracle: 'memory', seen: `${mebibytes(before)} MiB at first, ${mebibytes(now)} MiB now` };
  }
}

/** The medians of the first and the last samples, once there are enough of both. */
function ends(samples: readonly number[]): [number | undefined, number | undefined] {
  if (samples.length < SAMPLES * 2) return [undefined, undefined];
  const median = (some: readonly number[]): number => some.toSorted((a, b) => a - b)[some.length >> 1]!;
  return [median(samples.slice(0, SAMPLES)), median(samples.slice(-SAMPLES))];
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}
