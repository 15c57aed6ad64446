import type { CompiledPlan } from '../config/plan.ts';
import type { Recorder } from '../record/recorder.ts';

/** Fetches keys before the first client has to wait for them. A failure shows in health and is tried again. */
export function prepare({ identities, transmitters }: CompiledPlan, recorder: Recorder): void {
  for (const { name, identity } of identities) {
    identity.prepare?.().catch((error: unknown) => {
      recorder.event('gateway.fault', { where: `identity ${name}`, error: String(error) });
    });
  }
  for (const each of transmitters) void each.prepare();
}
