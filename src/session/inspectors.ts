import { Inspector } from '../pipeline/inspect.ts';
import type { Direction } from '../pipeline/message.ts';
import type { RoutePlan } from '../pipeline/route.ts';
import type { Recorder } from '../record/recorder.ts';

type Inspectors = Readonly<Record<Direction, Inspector>>;

const inspectors = new WeakMap<RoutePlan, Inspectors>();

/** The inspectors of a route, made once for all its sessions. */
export function inspectorsOf(route: RoutePlan, recorder: Recorder): Inspectors {
  let made = inspectors.get(route);
  if (!made) {
    made = {
      client: new Inspector(route, 'client', recorder),
      server: new Inspector(route, 'server', recorder),
    };
    inspectors.set(route, made);
  }
  return made;
}
