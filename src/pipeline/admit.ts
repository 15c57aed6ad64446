import type { Recorder } from '../record/recorder.ts';
import type { Candidate } from './connection.ts';
import { GUARD_TIMEOUT, within } from './deadline.ts';
import type { Armed, RoutePlan } from './route.ts';
import { isPromise, PASS, type Refused, refuse, type Verdict } from './verdict.ts';

/** A refusal at the door, and the guard that spoke it. */
export interface Denied {
  readonly guard: string;
  readonly refused: Refused;
}

/** Asks every guard at the door, in order; the first no ends it. A guard that observes is recorded and passes. */
export async function admit(
  route: RoutePlan,
  candidate: Candidate,
  recorder: Recorder,
): Promise<Denied | undefined> {
  for (const armed of route.door) {
    const verdict = await ask(armed, candidate, recorder);
    if (verdict.pass) continue;
    route.counters.client.refusal(armed.name, verdict.code, armed.observe);
    if (!armed.observe) return { guard: armed.name, refused: verdict };
    recorder.event('upgrade.observed', {
      route: route.name,
      guard: armed.name,
      code: verdict.code,
      reason: verdict.reason,
      address: candidate.handshake.address,
    });
  }
  return undefined;
}

async function ask({ name, guard }: Armed, candidate: Candidate, recorder: Recorder): Promise<Verdict> {
  try {
    const verdict = guard.onUpgrade?.(candidate) ?? PASS;
    return isPromise(verdict) ? await within(verdict, GUARD_TIMEOUT, `guard ${name}`) : verdict;
  } catch (error) {
    recorder.event('gateway.fault', { where: `guard ${name}`, error: String(error) });
    return refuse('internal', `guard ${name} failed`);
  }
}
