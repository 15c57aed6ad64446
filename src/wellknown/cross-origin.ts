import type { Handshake } from '../pipeline/handshake.ts';
import type { Principal } from '../pipeline/principal.ts';
import type { RoutePlan } from '../pipeline/route.ts';
import { isPromise, type Refused, refuse } from '../pipeline/verdict.ts';

export type HeaderFields = Readonly<Record<string, string>>;

/** The name of the guard that knows a route's origins. */
const GUARD = 'origin';
/** How long a browser may remember the answer to a preflight, in seconds. */
const PREFLIGHT_AGE = 600;

/** The guard of origins looks at the handshake alone. */
const NOBODY: Principal = Object.freeze({ identity: '', subject: '', roles: [], claims: {} });

/** Why the page that asks may not open this route: the route's own guard of origins says it. */
export function refuseOrigin(route: RoutePlan, handshake: Handshake): Refused | undefined {
  const armed = route.door.find(({ name }) => name === GUARD);
  if (!armed || armed.observe) return undefined;
  const verdict = armed.guard.onUpgrade?.({ id: '', route: route.name, handshake, principal: NOBODY });
  if (!verdict || isPromise(verdict)) return refuse('internal', 'the guard of origins does not answer');
  return verdict.pass ? undefined : verdict;
}

/** What lets the page at this origin read the answer (Fetch §3.2.3); nothing where no page asks. */
export function sharing(route: RoutePlan, { origin }: Handshake): HeaderFields {
  if (origin === undefined) return {};
  const readsCookie = route.identities.some(({ identity }) => identity.readsCookie === true);
  return {
    'Access-Control-Allow-Origin': origin,
    ...(readsCookie && { 'Access-Control-Allow-Credentials': 'true' }),
    'Access-Control-Expose-Headers': 'Retry-After',
  };
}

/**
 * The answer to a preflight (Fetch §3.2.2). It comes without a body, so it names no route: a page is let on that could
 * open one of them, and the request itself is judged by its own.
 */
export function preflight(
  routes: readonly RoutePlan[],
  handshake: Handshake,
  method: string,
): HeaderFields | Refused {
  const admitting = routes.filter((route) => refuseOrigin(route, handshake) === undefined);
  if (handshake.origin === undefined || admitting.length === 0)
    return refuse('origin_denied', 'no route here lets pages of this origin in');
  return {
    ...Object.assign({}, ...admitting.map((route) => sharing(route, handshake))),
    'Access-Control-Allow-Methods': method,
    'Access-Control-Allow-Headers': 'authorization, content-type',
    'Access-Control-Max-Age': String(PREFLIGHT_AGE),
  };
}
