import { openRoute } from '../support/memory-session.ts';
import { play, type Sender } from '../support/play.ts';
import type { Verdict } from '../support/verdict.ts';
import { MAX_BYTES, MAX_FRAGMENTS } from './oracle.ts';

const route = openRoute({ maxBytes: MAX_BYTES, maxFragments: MAX_FRAGMENTS });

/** What Sallyport makes of these chunks, under the bounds that ws is given. */
export function subject(chunks: readonly Buffer[], from: Sender): Verdict {
  return play(chunks, route, from);
}
