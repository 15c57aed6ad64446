import type { Bus } from '../store/bus.ts';
import type { Json } from '../store/store.ts';

/** A worker, as news reaches it. */
export interface Receiver {
  news(channel: string, message: Json): void;
  gap(): void;
}

/** Most names of channels that workers may ask for: they are ours, and few. */
const CHANNELS = 1_000;

/**
 * The supervisor's side of the bus: what a worker publishes goes to the bus behind it (of this machine alone, or of many
 * nodes), and what comes from there goes to all workers.
 */
export class Switchboard {
  readonly #bus: Bus;
  readonly #receivers: () => Iterable<Receiver>;
  readonly #channels = new Set<string>();

  constructor(bus: Bus, receivers: () => Iterable<Receiver>) {
    this.#bus = bus;
    this.#receivers = receivers;
    bus.onGap(() => {
      for (const each of receivers()) each.gap();
    });
  }

  /** Resolves when all workers have been sent it, and others too. */
  publish(channel: string, message: Json): Promise<void> {
    this.subscribe(channel);
    return this.#bus.publish(channel, message);
  }

  /** From here on, what comes on this channel is passed on. */
  subscribe(channel: string): void {
    if (this.#channels.has(channel) || this.#channels.size >= CHANNELS) return;
    this.#channels.add(channel);
    this.#bus.subscribe(channel, (message) => {
      for (const each of this.#receivers()) each.news(channel, message);
    });
  }
}
