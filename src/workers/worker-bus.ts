import { LocalBus } from '../store/bus.ts';
import { type Json, StoreError } from '../store/store.ts';
import type { Channel } from './channel.ts';

/** How long the supervisor may take to pass something on, in milliseconds. */
const TIMEOUT = 5_000;

/**
 * The bus of a worker: all news goes through the supervisor, who passes it on to all workers in the order in which it
 * came, to the one that published it as well.
 */
export class WorkerBus extends LocalBus {
  readonly #channel: Channel;
  readonly #known = new Set<string>();

  constructor(channel: Channel) {
    super();
    this.#channel = channel;
  }

  override async publish(channel: string, message: Json): Promise<void> {
    try {
      await this.#channel.ask('publish', [channel, message], TIMEOUT);
    } catch (error) {
      throw new StoreError(`the other workers cannot be told: ${(error as Error).message}`);
    }
  }

  override subscribe(channel: string, hear: (message: Json) => void): () => void {
    // What comes from other nodes is passed on for channels that somebody here listens to.
    if (!this.#known.has(channel)) this.#channel.note('subscribe', channel);
    this.#known.add(channel);
    return super.subscribe(channel, hear);
  }

  /** News has come. */
  hear(channel: string, message: Json): void {
    this.deliver(channel, message);
  }

  /** News may have been lost, or was there before this worker was. */
  gap(): void {
    this.missed();
  }
}
