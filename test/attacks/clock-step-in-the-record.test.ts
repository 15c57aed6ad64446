// AU-14: time is UTC and lines are numbered, so that a clock that jumps back reorders nothing.
import { describe, expect, it } from 'vitest';
import { Journal } from '../support/journal.ts';

describe('a clock that steps back', () => {
  it('leaves the order of the lines in their numbers', () => {
    const journal = new Journal();
    for (const step of [0, 1_000, -3_600_000, 1]) {
      journal.time.now += step;
      journal.record.event('gateway.reloaded', { generation: 1 });
    }
    expect(journal.lines.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    for (const { time } of journal.lines) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('still ends a flood: its window is monotonic time', () => {
    const journal = new Journal({ perSecond: 1 });
    const refuse = () => journal.record.event('admin.refused', { status: 401 });
    refuse();
    refuse();
    journal.time.now -= 3_600_000;
    journal.time.monotonic += 1_000;
    refuse();
    expect(journal.named('log.suppressed')).toMatchObject([{ of: 'admin.refused', count: 1, seconds: 1 }]);
    expect(journal.named('admin.refused')).toHaveLength(2);
  });
});
