import type { Recorder } from '../record/recorder.ts';
import type { Bus } from '../store/bus.ts';
import type { Clock } from '../store/clock.ts';
import type { Services } from '../store/services.ts';
import { type Json, type Store, StoreError } from '../store/store.ts';

/** In the store, and on the bus. */
const NAME = 'emergency';

/** No emergency is longer, whatever stands in the store, in milliseconds. */
export const LONGEST = 86_400_000;

/** What an operator is told. */
export interface EmergencyFacts {
  readonly on: boolean;
  /** When it ends by itself, in milliseconds since the epoch. */
  readonly until?: number;
}

type Parts = Pick<Services, 'clock' | 'recorder' | 'store' | 'bus'>;

/**
 * Whether emergency mode is on, and until when: kept in the store, so that a restart does not end it, and spread over
 * the bus, so that all workers and nodes agree. What it means is not decided here. It ends by itself, by whichever of
 * the two clocks is first.
 */
export class EmergencyState {
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  readonly #store: Store;
  readonly #bus: Bus;
  /** Milliseconds since the epoch, and monotonic; 0 while it is off. */
  #until = 0;
  #ends = 0;
  #timer: NodeJS.Timeout | undefined;
  #stops: readonly (() => void)[] = [];

  constructor({ clock, recorder, store, bus }: Parts) {
    this.#clock = clock;
    this.#recorder = recorder;
    this.#store = store;
    this.#bus = bus;
  }

  get on(): boolean {
    return this.#clock.now() < this.#until && this.#clock.monotonic() < this.#ends;
  }

  facts(): EmergencyFacts {
    return this.on ? { on: true, until: this.#until } : { on: false };
  }

  /** Takes up what was declared elsewhere or before, and listens from here on. As it was if that cannot be read. */
  async start(): Promise<void> {
    this.#stops = [
      this.#bus.subscribe(NAME, (until) => this.#take(until)),
      this.#bus.onGap(() => void this.#read()),
    ];
    await this.#read();
  }

  stop(): void {
    for (const each of this.#stops) each();
    clearTimeout(this.#timer);
  }

  /**
   * Switches it on for so long from now, in milliseconds; a second time sets another end.
   *
   * @throws StoreError if that cannot be kept; it is then not on.
   */
  async begin(
    milliseconds: number,
    { who, reason }: { readonly who: string; readonly reason?: string },
  ): Promise<EmergencyFacts> {
    const until = this.#clock.now() + milliseconds;
    await this.#store.set(NAME, until, milliseconds);
    this.#recorder.event('emergency.on', {
      who,
      reason,
      until: new Date(until).toISOString(),
      seconds: milliseconds / 1_000,
    });
    this.#take(until);
    await this.#bus.publish(NAME, until);
    return this.facts();
  }

  /** Switches it off; here in any case. @throws StoreError if others cannot be told. */
  async end(who: string): Promise<void> {
    this.#take(0);
    this.#recorder.event('emergency.off', { who });
    await this.#store.delete(NAME);
    await this.#bus.publish(NAME, 0);
  }

  async #read(): Promise<void> {
    try {
      this.#take((await this.#store.get(NAME)) ?? 0);
    } catch (error) {
      if (error instanceof StoreError) return; // it says itself that it is away, and there is a gap when it is back
      this.#recorder.event('gateway.fault', { where: NAME, error: String(error) });
    }
  }

  #take(until: Json): void {
    clearTimeout(this.#timer);
    const left = typeof until === 'number' ? until - this.#clock.now() : 0;
    if (!(left > 0 && left <= LONGEST)) {
      this.#until = 0;
      return;
    }
    this.#until = until as number;
    this.#ends = this.#clock.monotonic() + left;
    this.#timer = setTimeout(() => this.#ended(), left).unref();
  }

  #ended(): void {
    this.#until = 0;
    this.#recorder.event('emergency.ended', {});
  }
}

/** The one of these services: it outlives every reload. */
export function emergencyStateOf(services: Services): EmergencyState {
  return services.shared.get(NAME, () => new EmergencyState(services));
}
