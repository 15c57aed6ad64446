import type { Registry } from './registry.ts';
import type { Session } from './session.ts';

export interface DrainOptions {
  /** Over how long the sessions are told to go, in milliseconds. */
  readonly window: number;
  /** How long before its Close a session takes nothing more from its client, in milliseconds; 0 where absent. */
  readonly grace?: number;
  /** When what is left is cut, in milliseconds from the start; never where absent. */
  readonly deadline?: number;
  /** Clients are told to come back after this long, and up to twice as long, in milliseconds; untold where absent. */
  readonly returnAfter?: number;
  /** Stops waiting: what is left is told at once, and it is for the caller to cut it. */
  readonly signal?: AbortSignal;
}

/** Between two steps, in milliseconds. */
const STEP = 20;

/**
 * Lets every session go with 1012, spread evenly over the window so that the clients do not come back together. Each is
 * hushed first, so that what its client has asked is answered within the grace. Resolves when all are gone (a peer that
 * does not answer is cut after the route's `closeTimeout`), at the deadline, or when it is aborted.
 *
 * @returns how many were left: they were cut, or are for the caller to cut if it was aborted
 */
export async function drain(registry: Registry, options: DrainOptions): Promise<number> {
  const { window, grace = 0, deadline = Number.POSITIVE_INFINITY, signal } = options;
  const sessions = inTurn(registry);
  const begun = performance.now();
  let hushed = 0;
  let told = 0;
  for (;;) {
    const passed = performance.now() - begun;
    for (const due = dueAfter(passed, window, sessions.length); hushed < due; hushed++)
      sessions[hushed]!.hush();
    for (const due = dueAfter(passed - grace, window, sessions.length); told < due; told++)
      tell(sessions[told]!, options);
    // Those that are left, and those whose upgrade was under way when the drain began.
    if (told === sessions.length || signal?.aborted) for (const session of registry) tell(session, options);
    if (registry.size === 0 || signal?.aborted) return registry.size;
    if (passed >= deadline) return cut(registry);
    await pause(Math.min(STEP, deadline - passed), signal);
  }
}

/** Gives sessions whose route is gone their time to go, within so many milliseconds; one that has it keeps it. */
export function retire(sessions: Iterable<Session>, now: number, window: number): void {
  const turns = inTurn(sessions);
  for (const [i, session] of turns.entries()) {
    session.retires = Math.min(session.retires, now + ((i + Math.random()) / turns.length) * window);
  }
}

/**
 * The order in which sessions go. Those of one tenant are spread over the whole of it, so that no backend of a tenant
 * gets all its clients back in one moment.
 */
export function inTurn(sessions: Iterable<Session>): Session[] {
  const tenants = new Map<string | undefined, Session[]>();
  for (const session of sessions) {
    const { tenant } = session.principal;
    const peers = tenants.get(tenant);
    if (peers) peers.push(session);
    else tenants.set(tenant, [session]);
  }
  const turns: { session: Session; at: number }[] = [];
  for (const peers of tenants.values()) {
    for (const [i, session] of peers.entries())
      turns.push({ session, at: (i + Math.random()) / peers.length });
  }
  return turns.sort((a, b) => a.at - b.at).map(({ session }) => session);
}

/** How many of them have had their turn when this much time has passed. */
function dueAfter(passed: number, window: number, count: number): number {
  if (passed < 0) return 0;
  return passed >= window ? count : Math.min(count, Math.floor((passed / window) * count) + 1);
}

function tell(session: Session, { returnAfter }: DrainOptions): void {
  session.leave('draining', returnAfter === undefined ? undefined : returnAfter * (1 + Math.random()));
}

function cut(registry: Registry): number {
  const left = registry.size;
  for (const session of registry) session.destroy();
  return left;
}

/** Waits, but not past an abort. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
