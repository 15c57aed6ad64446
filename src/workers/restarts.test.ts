import { describe, expect, it } from 'vitest';
import { Restarts } from './restarts.ts';

describe('restarts', () => {
  it('come at once after a long life', () => {
    const restarts = new Restarts();
    for (let i = 0; i < 5; i++) expect(restarts.ended(60_000)).toBe(0);
    expect(restarts.looping).toBe(false);
  });

  it('come later and later after short ones, up to a bound', () => {
    const restarts = new Restarts(() => 1);
    const waits = Array.from({ length: 10 }, () => restarts.ended(50));
    expect(waits).toEqual([0, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect([restarts.looping, restarts.failures]).toEqual([true, 10]);
    restarts.ended(10_000);
    expect([restarts.looping, restarts.failures]).toEqual([false, 0]);
  });

  it('are spread, so that workers which fail together do not come back together', () => {
    const early = new Restarts(() => 0);
    early.ended(0);
    expect(early.ended(0)).toBe(125);
  });

  it('are a loop from the third in a row', () => {
    const restarts = new Restarts();
    const looping = [1, 2, 3].map(() => {
      restarts.ended(0);
      return restarts.looping;
    });
    expect(looping).toEqual([false, false, true]);
  });
});
