import type { Services } from '../store/services.ts';
import type { Registry } from './registry.ts';
import type { Session } from './session.ts';

/** Whoever was silent for less is not taken for idle, in milliseconds. */
const SILENT = 30_000;

/** The part of all sessions that is ended in one round, once a second: a minute ends half of them. */
const SHARE = 0.01;

/** Clients that were ended are told to come back after this long, and up to twice as long, in milliseconds. */
const RETURN_AFTER = 15_000;

/** What can be found out again. */
export interface Forgetful {
  forget?(): void;
}

/** Makes room while the heap is nearly full. */
export class Relief {
  readonly #registry: Registry;
  readonly #services: Services;
  readonly #caches: () => Iterable<Forgetful>;

  constructor(registry: Registry, services: Services, caches: () => Iterable<Forgetful>) {
    this.#registry = registry;
    this.#services = services;
    this.#caches = caches;
  }

  /** One round: all caches are forgotten, and a hundredth of the sessions ends, those that were silent longest. */
  relieve(): void {
    const { clock, recorder } = this.#services;
    for (const cache of this.#caches()) cache.forget?.();
    const most = Math.ceil(this.#registry.size * SHARE);
    const silent = this.#silentSince(clock.monotonic() - SILENT).slice(0, most);
    for (const session of silent) session.leave('overloaded', RETURN_AFTER * (1 + Math.random()));
    if (silent.length > 0) recorder.event('overload.relieved', { sessions: silent.length });
  }

  /** The longest silent first. */
  #silentSince(time: number): Session[] {
    const silent: Session[] = [];
    for (const session of this.#registry) {
      if (!session.ending && session.spokeAt <= time) silent.push(session);
    }
    return silent.sort((a, b) => a.spokeAt - b.spokeAt);
  }
}
