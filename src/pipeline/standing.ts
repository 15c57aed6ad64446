import type { Recorder } from '../record/recorder.ts';
import type { Connection } from './connection.ts';
import { type Denial, recordRefusal } from './refusals.ts';
import type { RoutePlan } from './route.ts';
import { type Refused, refuse, type Verdict } from './verdict.ts';

/** Asks every guard that judges time whether a connection may go on. The first no is recorded here. Never throws. */
export function standing(route: RoutePlan, connection: Connection, recorder: Recorder): Refused | undefined {
  for (const { name, guard, observe } of route.standing) {
    const refused = ask(name, () => guard.onTime!(connection), connection, recorder);
    if (refused.pass) continue;
    const denial: Denial = { pass: false, guard: name, refused, action: 'close', messages: [] };
    recordRefusal(recorder, route, connection, 'client', denial, observe);
    if (!observe) return refused;
  }
  return undefined;
}

function ask(name: string, judge: () => Verdict, { id, route }: Connection, recorder: Recorder): Verdict {
  try {
    return judge();
  } catch (error) {
    recorder.event('gateway.fault', { where: `guard ${name}`, error: String(error), session: id, route });
    return refuse('internal', `guard ${name} failed`);
  }
}
