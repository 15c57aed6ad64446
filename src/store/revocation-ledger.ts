import { z } from 'zod';
import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import { REVOCABLE, type Revocation, type Revocations, revocationId } from './revocations.ts';
import { type Store, StoreError } from './store.ts';

const CHANNEL = 'revocations';
const PREFIX = 'revocation/';
/** Says on the bus that something was written into the store of which nothing was said then. */
const WRITTEN = 'written';
/** How often the store is read again though nothing was missed as far as we know, in milliseconds, a tenth more or less. */
const CONVERGE = 30_000;
/** How many are written at once, where the store has lost them. */
const WRITTEN_AT_ONCE = 200;

/**
 * As it stands in the store and on the bus. Times in milliseconds since the epoch. What a later version may say beyond that
 * would narrow it: without, it touches more.
 */
export const REVOCATION = z.object({
  by: z.enum(REVOCABLE),
  value: z.string().max(1_024),
  issuedBefore: z.number(),
  until: z.number(),
  identity: z.string().max(1_024).exactOptional(),
  within: z.string().max(1_024).exactOptional(),
  renewable: z.literal(true).exactOptional(),
  at: z.number().exactOptional(),
  lifted: z.literal(true).exactOptional(),
}) satisfies z.ZodType<Revocation>;

export interface LedgerParts {
  readonly revocations: Revocations;
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
}

export interface LedgerEvents {
  /** A revocation holds from now on, or is stricter than it was: what it touches ends. Called before anything waits. */
  holds(revocation: Revocation): void;
  /** What was heard cannot be kept in mind. */
  fault(error: unknown): void;
}

/** What became of a revocation beyond this process. */
export interface Kept {
  /** Whether it outlives the process. */
  readonly kept: boolean;
  /** Why it does not, or why others will hear of it late. */
  readonly problem?: string;
}

/**
 * What is revoked, known alike to every worker and node: `Revocations` is what this process knows, the store what all of
 * them come to know, and the bus how they hear of it at once. Whoever knows of one that the store has not writes it there,
 * so that a store that was emptied has them all again as long as one process remembers.
 */
export class RevocationLedger {
  readonly #parts: LedgerParts;
  readonly #events: LedgerEvents;
  readonly #stop: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** The reading that is at work; settled if none is. */
  #running: Promise<unknown> = Promise.resolve();
  /** One that has not begun: whoever asks now is served by it as well. */
  #waiting: Promise<void> | undefined;
  #closed = false;

  constructor(parts: LedgerParts, events: LedgerEvents) {
    this.#parts = parts;
    this.#events = events;
    // From here on, and not from `open`: what is said while the store is read is not missed.
    const { bus } = parts;
    this.#stop.push(bus.subscribe(CHANNEL, (message) => this.#hear(message)));
    this.#stop.push(bus.onGap(() => this.#again()));
  }

  /** Takes up what is kept. @throws StoreError if that cannot be known; it goes on trying all the same. */
  async open(): Promise<void> {
    this.#timer = setInterval(() => this.#again(), CONVERGE * (0.9 + Math.random() / 5)).unref();
    await this.converge();
  }

  /** In force here when it returns; the promise tells what became of it beyond. @throws RangeError if there is no room. */
  async add(revocation: Revocation): Promise<Kept> {
    const { store, bus } = this.#parts;
    const said = this.#parts.revocations.add(revocation) ?? revocation;
    if (!said.lifted) this.#events.holds(said);
    // Both at once: those who hear do not wait for the disk.
    const [written, told] = await Promise.allSettled([this.#write(said), bus.publish(CHANNEL, { ...said })]);
    const kept = written.status === 'fulfilled' && store.kind !== 'memory';
    if (written.status === 'rejected')
      return { kept, problem: `it would not outlive a restart: ${wordsOf(written)}` };
    return told.status === 'rejected'
      ? { kept, problem: `others hear of it later: ${wordsOf(told)}` }
      : { kept };
  }

  /** Reads what others have written, and writes what the store has lost. Runs one at a time. @throws StoreError */
  converge(): Promise<void> {
    this.#waiting ??= this.#running.then(() => {
      this.#waiting = undefined;
      return this.#converge();
    });
    this.#running = this.#waiting.catch(() => undefined);
    return this.#waiting;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const stop of this.#stop.splice(0)) stop();
  }

  #again(): void {
    this.converge().catch(() => {}); // the store says itself that it is away
  }

  #hear(message: unknown): void {
    const { success, data } = REVOCATION.safeParse(message);
    if (success) this.#learn(data);
    else if (message === WRITTEN) this.#again();
  }

  /** Whether there was room for it. */
  #learn(revocation: Revocation): void {
    if (revocation.until <= this.#parts.clock.now()) return;
    try {
      const holds = this.#parts.revocations.add(revocation);
      if (holds && !holds.lifted) this.#events.holds(holds);
    } catch (error) {
      this.#events.fault(error);
    }
  }

  async #converge(): Promise<void> {
    if (this.#closed) return;
    const { store, bus, revocations } = this.#parts;
    const stored = new Map<string, Revocation>();
    let odd: string | undefined;
    for (const [key, value] of await store.list(PREFIX)) {
      const { data } = REVOCATION.safeParse(value);
      odd ??= data ? undefined : key;
      if (!data) continue;
      stored.set(keyOf(data), data);
      this.#learn(data);
    }
    const lost = revocations.all().filter((each) => !isSame(stored.get(keyOf(each)), each));
    for (let i = 0; i < lost.length && !this.#closed; i += WRITTEN_AT_ONCE) {
      await Promise.all(lost.slice(i, i + WRITTEN_AT_ONCE).map((each) => this.#write(each)));
    }
    // Others may have read the store before this was in it. Whom this does not reach finds a gap in the news.
    if (lost.length > 0 && !this.#closed) await bus.publish(CHANNEL, WRITTEN).catch(() => {});
    // Last of all: what is understood holds, whatever else there is.
    if (odd !== undefined) throw new StoreError(`the store has no revocation under ${odd}`);
  }

  #write(revocation: Revocation): Promise<void> {
    const ttl = Math.max(1, revocation.until - this.#parts.clock.now());
    return this.#parts.store.set(keyOf(revocation), { ...revocation }, ttl);
  }
}

function wordsOf({ reason }: PromiseRejectedResult): string {
  return reason instanceof Error ? reason.message : String(reason);
}

function keyOf(revocation: Revocation): string {
  return PREFIX + revocationId(revocation);
}

function isSame(a: Revocation | undefined, b: Revocation): boolean {
  return a?.issuedBefore === b.issuedBefore && a.until === b.until && a.at === b.at && a.lifted === b.lifted;
}
