import type { HeldCount } from './passage.ts';
import type { Registry } from './registry.ts';
import type { Session } from './session.ts';

/** How much of the limit the largest holders leave behind when they are closed: so it takes a while until the next. */
const RELIEVED = 0.75;

/**
 * What messages that have begun and are not whole hold, in all sessions together. A limit for each message is none for a
 * thousand connections that each begin one. Counted where memory is taken and given back, so whole messages cost nothing.
 */
export class Unfinished implements HeldCount {
  readonly #registry: Registry;
  readonly #limit: () => number;
  #bytes = 0;
  #due = false;

  /** `limit` in bytes. */
  constructor(registry: Registry, limit: () => number) {
    this.#registry = registry;
    this.#limit = limit;
  }

  /** What is held now, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes so many bytes, or gives them back where negative. */
  take(bytes: number): void {
    this.#bytes += bytes;
    if (this.#due || this.#bytes <= this.#limit()) return;
    this.#due = true;
    // Not amid a chunk: what is read in this turn of the event loop is the overshoot.
    setImmediate(() => this.#relieve());
  }

  /** Ends the sessions that hold most until enough is given back; of two that hold the same, the older message. */
  #relieve(): void {
    this.#due = false;
    if (this.#bytes <= this.#limit()) return;
    const enough = this.#limit() * RELIEVED;
    for (const { session } of this.#holders()) {
      if (this.#bytes <= enough) return;
      session.end('memory_exceeded');
    }
  }

  #holders() {
    const holders: { session: Session; held: number; since: number }[] = [];
    for (const session of this.#registry) {
      const { fromClient, fromServer } = session;
      const held = fromClient.held + fromServer.held;
      const since = Math.min(fromClient.unfinishedSince || Infinity, fromServer.unfinishedSince || Infinity);
      if (held > 0) holders.push({ session, held, since });
    }
    return holders.sort((a, b) => b.held - a.held || a.since - b.since);
  }
}
