import { randomBytes } from 'node:crypto';
import type { Recorder } from '../record/recorder.ts';
import type { Fail } from './buckets.ts';
import { type Bus, LocalBus } from './bus.ts';
import { type Clock, systemClock } from './clock.ts';
import { MemoryStore } from './memory-store.ts';
import { Presence } from './presence.ts';
import { Quotas } from './quotas.ts';
import { Revocations } from './revocations.ts';
import { Shared } from './shared.ts';
import type { Store } from './store.ts';

/** What the gateway lends to guards, identities and dialects. Outlives every reload. */
export interface Services {
  readonly clock: Clock;
  readonly presence: Presence;
  readonly quotas: Quotas;
  readonly shared: Shared;
  readonly revocations: Revocations;
  readonly recorder: Recorder;
  /** What all workers and nodes know. */
  readonly store: Store;
  /** How they hear of it. */
  readonly bus: Bus;
  /** The name of this process among them, different at each start. */
  readonly node: string;
  /** Whether there are no others: then limits are counted here, and nothing is leased. */
  readonly alone: boolean;
  /** What a limit does while the store is away, if it does not say so itself (`state.fail`). */
  readonly fail: Fail;
}

/** The parts of the services that reach beyond the process. */
export type Reach = Pick<Services, 'store' | 'bus' | 'node' | 'alone' | 'fail'>;

/** The services of one gateway, all empty; of one process alone where no `reach` is given. */
export function createServices(
  recorder: Recorder,
  clock: Clock = systemClock,
  reach: Reach = aloneReach(clock),
): Services {
  return {
    ...reach,
    clock,
    presence: new Presence(),
    quotas: new Quotas(reach.store, clock),
    shared: new Shared(),
    revocations: new Revocations(clock),
    recorder,
  };
}

/** The reach of a process that shares nothing with others, and keeps nothing. */
export function aloneReach(clock: Clock): Reach {
  return { store: new MemoryStore(clock), bus: new LocalBus(), node: nodeName(), alone: true, fail: 'local' };
}

/** A name that no other process has, and nobody guesses: 64 bits. */
export function nodeName(): string {
  return randomBytes(8).toString('hex');
}
