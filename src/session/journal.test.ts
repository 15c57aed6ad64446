import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget, Journal } from './journal.ts';

const plenty = (): Budget => new Budget(Number.POSITIVE_INFINITY);

/** Everything behind the first `seen` messages, read in pieces. */
function replay(journal: Journal, seen: number, piece = 7): Buffer {
  const pieces: Buffer[] = [];
  let position = journal.positionOf(seen);
  for (;;) {
    const bytes = journal.read(position, piece)!;
    if (bytes.length === 0) return Buffer.concat(pieces);
    pieces.push(bytes);
    position += bytes.length;
  }
}

describe('a journal', () => {
  it('keeps what it may, in order, whatever is put in and trimmed', () => {
    const step = fc.oneof(
      fc.record({ push: fc.uint8Array({ minLength: 2, maxLength: 40 }) }),
      fc.record({ seen: fc.nat({ max: 60 }) }),
    );
    const limits = fc.record({
      maxMessages: fc.integer({ min: 1, max: 9 }),
      maxBytes: fc.integer({ min: 1, max: 90 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), limits, (steps, { maxMessages, maxBytes }) => {
        const journal = new Journal({ maxMessages, maxBytes }, plenty());
        const all: Uint8Array[] = [];
        let start = 0;
        for (const each of steps) {
          if ('seen' in each) {
            journal.trim(each.seen);
            start = Math.max(start, Math.min(each.seen, all.length));
          } else {
            all.push(each.push);
            journal.push(each.push);
            const bytes = () => all.slice(start).reduce((sum, message) => sum + message.length, 0);
            while (all.length - start > maxMessages || bytes() > maxBytes) start++;
          }
          expect([journal.total, journal.start]).toEqual([all.length, start]);
          for (let seen = start; seen <= all.length; seen++)
            expect(replay(journal, seen)).toEqual(Buffer.concat(all.slice(seen)));
        }
      }),
    );
  });

  it('has no answer for what was pushed out', () => {
    const journal = new Journal({ maxMessages: 2, maxBytes: 100 }, plenty());
    journal.push(Buffer.from('a'));
    const position = journal.positionOf(0);
    for (const text of ['b', 'c']) journal.push(Buffer.from(text));
    expect(journal.read(position, 10)).toBeUndefined();
    expect([0, 1, 3, 4].map((seen) => journal.holds(seen))).toEqual([false, true, true, false]);
  });

  it('takes memory as it needs it, and gives it back', () => {
    const budget = new Budget(1_000_000);
    const journal = new Journal({ maxMessages: 1_000, maxBytes: 100_000 }, budget);
    expect(budget.used).toBe(0);
    for (let i = 0; i < 50; i++) journal.push(Buffer.alloc(1_000));
    expect(budget.used).toBe(journal.size);
    expect(budget.used).toBeGreaterThanOrEqual(50_000);
    expect(budget.used).toBeLessThanOrEqual(100_000);
    journal.trim(50);
    expect(budget.used).toBe(0);
    expect(journal.holds(50)).toBe(true);
  });

  it('keeps what it can when there is no memory left for all journals', () => {
    const budget = new Budget(10_000);
    const journal = new Journal({ maxMessages: 1_000, maxBytes: 100_000 }, budget);
    for (let i = 0; i < 50; i++) journal.push(Buffer.alloc(1_000, i));
    expect(budget.used).toBeLessThanOrEqual(10_000);
    expect(journal.total).toBe(50);
    expect(journal.start).toBeLessThan(50);
    expect(replay(journal, journal.start)[0]).toBe(journal.start);
    const other = new Journal({ maxMessages: 1_000, maxBytes: 100_000 }, new Budget(10));
    other.push(Buffer.from('x'));
    expect([other.total, other.start]).toEqual([1, 1]);
  });
});
