import { onTestFinished, vi } from 'vitest';
import { systemClock } from '../../src/store/clock.ts';

/** Lets so many milliseconds have passed at once, by both clocks, until the test is over. */
export function leap(ms: number): void {
  const clocks = [
    vi.spyOn(systemClock, 'monotonic').mockImplementation(() => performance.now() + ms),
    vi.spyOn(systemClock, 'now').mockImplementation(() => Date.now() + ms),
  ];
  onTestFinished(() => {
    for (const clock of clocks) clock.mockRestore();
  });
}
