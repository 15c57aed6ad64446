import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget, Journal } from './journal.ts';

const plenty = (): Budget => new Budget(Number.POSITIVE_INFINITY);

/** Everything behind the first `seen` messages, read in pieces. */
function replay(journal: Journal, seen: number, piece = 7): Buffer {
  const pieces: Buffer[] = [];
  const place = journal.placeOf(seen);
  for (;;) {
    const bytes = journal.read(place, piece);
    if (bytes === undefined) return Buffer.concat(pieces);
    pieces.push(bytes as Buffer);
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
    const place = journal.placeOf(0);
    for (const text of ['b', 'c']) journal.push(Buffer.from(text));
    expect(journal.read(place, 10)).toBe('gone');
    expect([0, 1, 3, 4].map((seen) => journal.holds(seen))).toEqual([false, true, true, false]);
  });

  it('is read in whole messages, as many as fit, or in one that is larger', () => {
    const journal = new Journal({ maxMessages: 9, maxBytes: 100 }, plenty());
    for (const text of ['one', 'two', 'three', 'x']) journal.push(Buffer.from(text));
    const place = journal.placeOf(0);
    expect(['6', '2', '9', '9'].map((most) => journal.read(place, Number(most))?.toString())).toEqual([
      'onetwo',
      'three',
      'x',
      undefined,
    ]);
    expect(place.seen).toBe(4);
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
