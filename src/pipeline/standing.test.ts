import { expect, it } from 'vitest';
import { fakeConnection } from '../../test/support/guard.ts';
import { Journal } from '../../test/support/journal.ts';
import { wordRoute } from '../../test/support/wired-session.ts';
import type { Armed } from './route.ts';
import { standing } from './standing.ts';
import { PASS, refuse, type Verdict } from './verdict.ts';

const armed = (judge: () => Verdict, observe = false): Armed => ({
  name: 'quota',
  guard: { onTime: judge },
  observe,
});

function judged(guards: readonly Armed[]) {
  const journal = new Journal();
  const refused = standing(wordRoute({ standing: guards }), fakeConnection(), journal.record);
  return { code: refused?.code, events: journal.lines.map(({ event }) => event) };
}

const no = () => refuse('quota_exceeded', 'over');

it('asks all, and the first no ends it', () => {
  expect(judged([armed(() => PASS)])).toEqual({ code: undefined, events: [] });
  expect(judged([armed(() => PASS), armed(no)])).toEqual({
    code: 'quota_exceeded',
    events: ['message.refused'],
  });
});

it('only records what a guard says that observes', () => {
  expect(judged([armed(no, true)])).toEqual({ code: undefined, events: ['message.observed'] });
});

it('takes a guard that throws for a no', () => {
  const broken = armed(() => {
    throw new Error('broken');
  });
  expect(judged([broken])).toEqual({ code: 'internal', events: ['gateway.fault', 'message.refused'] });
});
