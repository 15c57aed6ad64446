import type { Registry } from './registry.ts';

export interface DrainOptions {
  /** Over how long the sessions are ended, in milliseconds. */
  readonly window: number;
  /** Stops waiting: what is left is ended at once, and it is for the caller to cut it. */
  readonly signal?: AbortSignal;
}

/** Between two steps, in milliseconds. */
const STEP = 20;

/**
 * Ends every session with 1012, spread evenly over the window so that the clients do not come back together. Resolves
 * when all are gone (a peer that does not answer is cut after the route's `closeTimeout`), or when it is aborted.
 */
export async function drain(registry: Registry, { window, signal }: DrainOptions): Promise<void> {
  const sessions = [...registry];
  const begun = performance.now();
  let ended = 0;
  while (ended < sessions.length && !signal?.aborted) {
    const passed = window <= 0 ? 1 : (performance.now() - begun) / window;
    const due = Math.min(sessions.length, Math.floor(passed * sessions.length) + 1);
    for (; ended < due; ended++) sessions[ended]!.end('draining');
    if (ended < sessions.length) await pause(Math.max(STEP, window / sessions.length), signal);
  }
  for (;;) {
    // Those that are left, and those whose upgrade was under way when the drain began.
    for (const session of registry) session.end('draining');
    if (registry.size === 0 || signal?.aborted) return;
    await pause(STEP, signal);
  }
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
