import type { Json } from './store.ts';

/** Gets what was published. Must not throw. */
export type Hearer = (message: Json) => void;

/**
 * Carries news (revocations, kicks, drains) to every worker and node, the publisher's own process included, in the order of
 * one publisher. News is not kept: who was not listening reads the store.
 */
export interface Bus {
  /** Resolves when it is on its way. Rejects with a StoreError if others cannot be told; this process has heard it all the same. */
  publish(channel: string, message: Json): Promise<void>;
  /** Returns how to stop. */
  subscribe(channel: string, hear: Hearer): () => void;
  /** Called when news may have been missed: what hangs on it is to be read anew from the store. Returns how to stop. */
  onGap(read: () => void): () => void;
  close(): Promise<void>;
}

/** A bus of one process. The start of every other. */
export class LocalBus implements Bus {
  readonly #hearers = new Map<string, Set<Hearer>>();
  readonly #readers = new Set<() => void>();

  async publish(channel: string, message: Json): Promise<void> {
    this.deliver(channel, message);
  }

  subscribe(channel: string, hear: Hearer): () => void {
    const hearers = this.#hearers.get(channel) ?? new Set();
    this.#hearers.set(channel, hearers.add(hear));
    return () => hearers.delete(hear);
  }

  onGap(read: () => void): () => void {
    this.#readers.add(read);
    return () => this.#readers.delete(read);
  }

  async close(): Promise<void> {
    this.#hearers.clear();
    this.#readers.clear();
  }

  /** Tells this process. */
  protected deliver(channel: string, message: Json): void {
    for (const hear of this.#hearers.get(channel) ?? []) hear(message);
  }

  protected missed(): void {
    for (const read of this.#readers) read();
  }
}
