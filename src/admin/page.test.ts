import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { session } from '../../test/support/operator.ts';
import type { Connection } from '../pipeline/connection.ts';
import { type Page, pageOf } from './page.ts';

describe('pageOf', () => {
  it('shows every session once, whatever the order and the size of the page', () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { maxLength: 60 });
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 20 }), (all, limit) => {
        const sessions = all.map((id) => session(id));
        const seen: string[] = [];
        let after: string | undefined = '';
        while (after !== undefined) {
          const page: Page<Connection> = pageOf(sessions, after, limit);
          expect(page.total).toBe(all.length);
          expect(page.sessions.length).toBeLessThanOrEqual(limit);
          seen.push(...page.sessions.map(({ id }) => id));
          after = page.next;
        }
        expect(seen).toEqual([...all].sort((a, b) => (a < b ? -1 : 1)));
      }),
    );
  });
});
