import { CLOSE, type Dialect } from '../pipeline/dialect.ts';
import type { RoutePlan } from '../pipeline/route.ts';
import { RouteCounters } from '../record/counters.ts';

const plans = new WeakMap<RoutePlan, RoutePlan>();

/**
 * A route as a process has it that only carries a session, which another one holds: frames are bounded and both sides
 * looked after, and everything else is judged and counted over there.
 */
export function carrying(route: RoutePlan): RoutePlan {
  let plan = plans.get(route);
  if (!plan) {
    const { idle: _idle, maximum: _maximum, ...lifetime } = route.lifetime;
    plan = {
      ...route,
      inspect: { client: [], server: [] },
      standing: [],
      deprecated: new Map(),
      dialect: ANYTHING,
      resume: undefined,
      lifetime: { ...lifetime, idle: Infinity, maximum: Infinity },
      counters: new RouteCounters(route.name),
    };
    plans.set(route, plan);
  }
  return plan;
}

/** Nothing is read, and nothing refused. */
const ANYTHING: Dialect = { read: () => [], refuse: () => CLOSE };
