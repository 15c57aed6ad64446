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
