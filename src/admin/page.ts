/** Some of many sessions, in the order of their ids. */
export interface Page<S> {
  readonly sessions: readonly S[];
  /** How many there are in all pages. */
  readonly total: number;
  /** The `after` of the next page; undefined on the last. */
  readonly next: string | undefined;
}

/**
 * The `limit` sessions whose ids come next after `after`. Ids are the order, so that a page does not shift when sessions
 * come and go; and only one page is ever sorted, however many sessions there are.
 */
export function pageOf<S extends { readonly id: string }>(
  sessions: Iterable<S>,
  after: string,
  limit: number,
): Page<S> {
  const page: S[] = [];
  let total = 0;
  let beyond = 0;
  for (const session of sessions) {
    total++;
    if (session.id <= after) continue;
    beyond++;
    const last = page[limit - 1];
    if (last && session.id > last.id) continue;
    page.splice(placeOf(session.id, page), 0, session);
    if (page.length > limit) page.pop();
  }
  return { sessions: page, total, next: beyond > page.length ? page.at(-1)?.id : undefined };
}

/**
 * Makes one page of those of several processes: each holds the first of its own, so the first of all are among them. A page
 * that was cut short says nothing of what comes behind it, and nothing behind that is shown.
 */
export function mergePages<S extends { readonly id: string }>(
  pages: readonly Page<S>[],
  limit: number,
): Page<S> {
  const all = pages.flatMap(({ sessions }) => sessions).sort((a, b) => (a.id < b.id ? -1 : 1));
  const known = pages.flatMap(({ next }) => next ?? []).sort()[0];
  const sure = known === undefined ? all : all.filter(({ id }) => id <= known);
  const sessions = sure.slice(0, limit);
  const more = known !== undefined || sure.length > limit;
  return {
    sessions,
    total: pages.reduce((sum, { total }) => sum + total, 0),
    next: more ? sessions.at(-1)?.id : undefined,
  };
}

/** Where this id belongs in a sorted page: a binary search. */
function placeOf(id: string, page: readonly { readonly id: string }[]): number {
  let low = 0;
  let high = page.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (page[middle]!.id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
