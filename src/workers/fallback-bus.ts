import type { Bus, Hearer } from '../store/bus.ts';
import type { Json } from '../store/store.ts';

/**
 * The bus of a worker whose configuration has one of many nodes: that one reaches the workers of this machine as well, and
 * while it does not, they are told by the supervisor. News may then come twice.
 */
export class FallbackBus implements Bus {
  readonly #far: Bus;
  readonly #near: Bus;

  constructor(far: Bus, near: Bus) {
    this.#far = far;
    this.#near = near;
  }

  async publish(channel: string, message: Json): Promise<void> {
    try {
      await this.#far.publish(channel, message);
    } catch (error) {
      await this.#near.publish(channel, message).catch(() => {}); // what is thrown says that somebody was not told
      throw error;
    }
  }

  subscribe(channel: string, hear: Hearer): () => void {
    const stop = [this.#far.subscribe(channel, hear), this.#near.subscribe(channel, hear)];
    return () => {
      for (const each of stop) each();
    };
  }

  onGap(read: () => void): () => void {
    const stop = [this.#far.onGap(read), this.#near.onGap(read)];
    return () => {
      for (const each of stop) each();
    };
  }

  async close(): Promise<void> {
    await this.#near.close();
    await this.#far.close();
  }
}
