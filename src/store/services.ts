import type { Recorder } from '../record/recorder.ts';
import { type Clock, systemClock } from './clock.ts';
import { Presence } from './presence.ts';
import { Revocations } from './revocations.ts';
import { Shared } from './shared.ts';

/** What the gateway lends to guards, identities and dialects. Outlives every reload. */
export interface Services {
  readonly clock: Clock;
  readonly presence: Presence;
  readonly shared: Shared;
  readonly revocations: Revocations;
  readonly recorder: Recorder;
}

/** The services of one gateway, all empty. */
export function createServices(recorder: Recorder, clock: Clock = systemClock): Services {
  return {
    clock,
    presence: new Presence(),
    shared: new Shared(),
    revocations: new Revocations(clock),
    recorder,
  };
}
