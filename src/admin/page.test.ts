import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { session } from '../../test/support/operator.ts';
import type { Connection } from '../pipeline/connection.ts';
import { mergePages, type Page, pageOf } from './page.ts';

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

describe('mergePages', () => {
  const ids = fc.uniqueArray(
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 4, maxLength: 6 }),
    {
      maxLength: 50,
    },
  );
  const places = fc.array(fc.nat(2), { minLength: 50, maxLength: 50 });

  /** As one that has no room for more sends it. */
  const cutTo = (page: Page<Connection>, most: number): Page<Connection> => {
    if (page.sessions.length <= most) return page;
    const sessions = page.sessions.slice(0, most);
    return { ...page, sessions, next: sessions.at(-1)!.id };
  };

  it('shows every session once, in order, however they are spread and however pages were cut', () => {
    fc.assert(
      fc.property(
        ids,
        places,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        (all, at, limit, most) => {
          const processes = [0, 1, 2].map((process) =>
            all.filter((_, i) => at[i] === process).map((id) => session(id)),
          );
          const seen: string[] = [];
          for (let after: string | undefined = ''; after !== undefined; ) {
            const from: string = after;
            const pages = processes.map((own, process) => {
              const page = pageOf(own, from, limit);
              return process === 0 ? cutTo(page, most) : page;
            });
            const page = mergePages(pages, limit);
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
});
