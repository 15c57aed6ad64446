import type { Recorder } from '../record/recorder.ts';
import type { Clock } from './clock.ts';
import type { Presence } from './presence.ts';
import type { Shared } from './shared.ts';

/** What the gateway lends to guards, identities and dialects. Outlives every reload. */
export interface Services {
  readonly clock: Clock;
  readonly presence: Presence;
  readonly shared: Shared;
  readonly recorder: Recorder;
}
