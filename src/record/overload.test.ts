import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Journal } from '../../test/support/journal.ts';
import { type Load, Overload } from './overload.ts';

const CALM: Load = { loopDelay: 5, heap: 0.3 };
const LATE: Load = { loopDelay: 900, heap: 0.3 };
const TIGHT: Load = { loopDelay: 5, heap: 0.92 };
const FULL: Load = { loopDelay: 5, heap: 0.97 };

// BP-08, BP-09
describe('Overload', () => {
  let journal: Journal;
  let overload: Overload;
  const judge = (...loads: Load[]) => {
    for (const load of loads) {
      journal.advance(1_000);
      overload.judge(load);
    }
    return overload.states;
  };

  beforeEach(() => {
    journal = new Journal();
    overload = new Overload(journal.record, () => journal.time.monotonic);
  });

  it('is delayed when the loop is late for three seconds, and then admits nobody', () => {
    expect(judge(LATE, LATE)).toEqual([]);
    expect(overload.closed).toBe(false);
    expect(judge(LATE)).toEqual(['delayed']);
    expect(overload.closed).toBe(true);
    expect(journal.named('overload.entered')).toMatchObject([{ state: 'delayed', value: 900, limit: 500 }]);
  });

  it('is not delayed by one long pause, as after the process was stopped and continued', () => {
    expect(judge({ loopDelay: 30_000, heap: 0.3 }, CALM, LATE, CALM, LATE, LATE, CALM)).toEqual([]);
    expect(journal.lines).toEqual([]);
  });

  it('shrinks at 90 % of the heap, and still admits', () => {
    expect(judge(TIGHT)).toEqual(['shrinking']);
    expect(overload.closed).toBe(false);
    expect(journal.named('overload.entered')).toMatchObject([
      { state: 'shrinking', value: 0.92, limit: 0.9 },
    ]);
  });

  it('is full at 95 %, and admits nobody', () => {
    expect(judge(FULL)).toEqual(['shrinking', 'full']);
    expect(overload.closed).toBe(true);
  });

  it('asks for relief each second while it shrinks, and no longer', () => {
    const relieve = vi.fn();
    overload.relieve = relieve;
    judge(CALM, TIGHT, FULL, TIGHT);
    expect(relieve).toHaveBeenCalledTimes(3);
    judge(CALM, CALM, CALM, CALM);
    expect(relieve).toHaveBeenCalledTimes(5);
  });

  it('leaves each state by itself, after three seconds below its lower mark, and says how long it was', () => {
    judge(FULL);
    expect(judge(TIGHT, TIGHT, TIGHT, TIGHT)).toEqual(['shrinking', 'full']); // not below 90 %
    const between = { loopDelay: 5, heap: 0.88 };
    expect(judge(between, between)).toEqual(['shrinking', 'full']);
    expect(judge(between)).toEqual(['shrinking']);
    expect(judge(CALM, CALM, TIGHT, CALM, CALM)).toEqual(['shrinking']);
    expect(judge(CALM)).toEqual([]);
    expect(journal.named('overload.left')).toMatchObject([
      { state: 'full', seconds: 7 },
      { state: 'shrinking', seconds: 13 },
    ]);
  });

  it('is in two states at once, and each has its end', () => {
    expect(judge(LATE, LATE, { ...LATE, heap: 0.97 })).toEqual(['shrinking', 'full', 'delayed']);
    expect(judge(FULL, FULL, FULL)).toEqual(['shrinking', 'full']);
    expect(judge(CALM, CALM, CALM)).toEqual([]);
  });

  it('can begin again', () => {
    judge(LATE, LATE, LATE, CALM, CALM, CALM);
    expect(judge(LATE, LATE)).toEqual([]);
    expect(judge(LATE)).toEqual(['delayed']);
  });

  it('goes by other limits from the next second on', () => {
    overload.limits = () => ({ heap: { shrink: 0.2, full: 0.99 }, delay: 2 });
    expect(judge(CALM, CALM, CALM)).toEqual(['shrinking', 'delayed']);
  });
});
