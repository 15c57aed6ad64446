import { beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../../test/support/journal.ts';
import { type Load, Overload } from './overload.ts';

const CALM: Load = { loopDelay: 5, heap: 0.3 };
const LATE: Load = { loopDelay: 1_900, heap: 0.3 };
const FULL: Load = { loopDelay: 5, heap: 0.95 };

// BP-08, BP-09
describe('Overload', () => {
  let journal: Journal;
  let overload: Overload;
  const judge = (...loads: Load[]) => {
    for (const load of loads) {
      journal.advance(1_000);
      overload.judge(load);
    }
    return overload.cause;
  };

  beforeEach(() => {
    journal = new Journal();
    overload = new Overload(journal.record, () => journal.time.monotonic);
  });

  it('begins when it lasts for three seconds', () => {
    expect(judge(LATE, LATE)).toBeUndefined();
    expect(judge(LATE)).toBe('event loop');
    expect(journal.named('overload.entered')).toMatchObject([
      { cause: 'event loop', value: 1_900, limit: 1_000 },
    ]);
  });

  it('sees a heap that is nearly full', () => {
    expect(judge(FULL, FULL, FULL)).toBe('heap');
  });

  it('is not one long pause, as after the process was stopped and continued', () => {
    expect(judge({ loopDelay: 30_000, heap: 0.3 }, CALM, LATE, CALM, LATE, LATE, CALM)).toBeUndefined();
    expect(journal.lines).toEqual([]);
  });

  it('ends when all is well for three seconds, and says how long it was', () => {
    judge(LATE, LATE, LATE);
    expect(judge(CALM, CALM, { loopDelay: 600, heap: 0.3 }, CALM, CALM)).toBe('event loop');
    expect(judge(CALM)).toBeUndefined();
    expect(journal.named('overload.left')).toMatchObject([{ cause: 'event loop', seconds: 6 }]);
  });

  it('does not end while something else runs short', () => {
    judge(LATE, LATE, LATE);
    expect(judge(FULL, FULL, FULL, FULL)).toBe('event loop');
  });

  it('can begin again', () => {
    judge(LATE, LATE, LATE, CALM, CALM, CALM);
    expect(judge(LATE, LATE)).toBeUndefined();
    expect(judge(LATE)).toBe('event loop');
  });
});
