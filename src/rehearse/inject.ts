import type { Chronicle } from './chronicle.ts';
import type { FaultSeen } from './evidence.ts';
import { FAULTS, type Fault } from './faults.ts';
import type { Ground } from './ground.ts';
import type { Injection } from './injection.ts';
import { paused } from './paused.ts';
import type { PlannedFault } from './rehearsal.ts';
import { Stage } from './stage.ts';

/** Where faults are injected, and who is told. */
export interface Scene {
  readonly ground: Ground;
  readonly chronicle: Chronicle;
  readonly progress: (now: string) => void;
}

const FOREVER = 2 ** 31 - 1; // ms, the longest that a timer can be

/** Injects a fault when it is due and takes it back; gives when it began and was over, in seconds. */
export async function inject(
  planned: PlannedFault,
  { ground, chronicle, progress }: Scene,
  ends: AbortSignal,
): Promise<FaultSeen> {
  const say = (text: string, at: number): void => {
    chronicle.note('fault', text, undefined, at);
    progress(text);
  };
  const { fault } = planned;
  if (!(await paused(planned.at, ends))) return { fault, began: chronicle.now, over: chronicle.now };
  const began = chronicle.now;
  try {
    const injection = await begun(planned, ground);
    say(injection.said, began);
    if (await paused(planned.for ?? FOREVER, ends)) {
      say(await injection.end(), chronicle.now);
      return { fault, began, over: chronicle.now };
    }
    await injection.drop?.();
    return { fault, began, over: began };
  } catch (error) {
    throw new Error(`${fault}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function begun(planned: PlannedFault, ground: Ground): Promise<Injection> {
  const fault: Fault = FAULTS[planned.fault];
  if (fault.on === 'any') return fault.begin(ground, planned as never);
  if (ground instanceof Stage) return fault.begin(ground, planned as never);
  throw new Error('it needs a stage that a rehearsal started itself');
}
