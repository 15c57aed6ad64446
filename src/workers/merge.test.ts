import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { session } from '../../test/support/operator.ts';
import { pageOf } from '../admin/page.ts';
import { factsOf } from '../admin/session-facts.ts';
import type { HealthCheck } from '../record/health.ts';
import { mergeHealth, mergePages, mergeRotations } from './merge.ts';

describe('pages of several workers', () => {
  it('show every session once, in order, however they are spread', () => {
    const ids: fc.Arbitrary<string[]> = fc.uniqueArray(
      fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 4, maxLength: 6 }),
      { maxLength: 50 },
    );
    fc.assert(
      fc.property(
        ids,
        fc.array(fc.nat(2), { minLength: 50, maxLength: 50 }),
        fc.integer({ min: 1, max: 9 }),
        (all, places, limit) => {
          const workers = [0, 1, 2].map((worker) =>
            all.filter((_, at) => places[at] === worker).map((id) => factsOf(session(id))),
          );
          const seen: string[] = [];
          for (let after: string | undefined = ''; after !== undefined; ) {
            const from: string = after;
            const page = mergePages(
              workers.map((own) => pageOf(own, from, limit)),
              limit,
              [],
            );
            expect(page.total).toBe(all.length);
            expect(page.sessions.length).toBeLessThanOrEqual(limit);
            seen.push(...page.sessions.map(({ id }) => id));
            after = page.next;
          }
          expect(seen).toEqual([...all].sort());
        },
      ),
    );
  });

  it('name who did not answer, and nobody otherwise', () => {
    expect(mergePages([], 10, ['worker 2 has ended'])).toEqual({
      sessions: [],
      total: 0,
      next: undefined,
      missing: ['worker 2 has ended'],
    });
    expect(mergePages([], 10, [])).not.toHaveProperty('missing');
  });
});

describe('health of several workers', () => {
  const ill = (reason: string): HealthCheck => ({
    name: 'overload',
    healthy: false,
    blocksReady: true,
    reason,
  });
  const well: HealthCheck = { name: 'overload', healthy: true, blocksReady: true };
  const of = (...checks: HealthCheck[]) =>
    mergeHealth(checks.map((check, place) => ({ worker: `worker ${place + 1}`, checks: [check] })))[0];

  it('is well if all are', () => {
    expect(of(well, well)).toEqual(well);
  });

  it('warns while one can take connections, and says which cannot', () => {
    expect(of(well, ill('short of heap'))).toEqual({
      name: 'overload',
      healthy: false,
      blocksReady: false,
      reason: 'worker 2: short of heap',
    });
  });

  it('sends new connections elsewhere when none can, and says once what all say', () => {
    expect(of(ill('short of heap'), ill('short of heap'))).toEqual(ill('short of heap'));
    expect(of(ill('short of heap'), ill('short of time'))?.reason).toBe(
      'worker 1: short of heap; worker 2: short of time',
    );
  });
});

it('rotations are one report a listener, and who did not answer is a problem', () => {
  const replaced = [{ name: 'cert.pem', serial: '0b', previous: '0a' }];
  const done = [{ listener: 'public', replaced, problems: [] }];
  const failed = [{ listener: 'public', replaced: [], problems: ['key.pem: does not fit'] }];
  expect(mergeRotations([done, done, failed], ['worker 4 has ended'])).toEqual([
    { listener: 'public', replaced, problems: ['key.pem: does not fit'] },
    { listener: 'workers', replaced: [], problems: ['worker 4 has ended'] },
  ]);
});
