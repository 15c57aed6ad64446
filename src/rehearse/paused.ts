import { setTimeout as pause } from 'node:timers/promises';

/** Whether so many milliseconds passed before it ended. */
export function paused(milliseconds: number, ends: AbortSignal): Promise<boolean> {
  return pause(milliseconds, true, { signal: ends }).catch(() => false);
}
