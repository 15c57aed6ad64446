// BP-08
import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../test/support/guard.ts';
import { Journal } from '../../test/support/journal.ts';
import { text } from '../../test/support/raw-frames.ts';
import { fromClient, Wired, wordRoute } from '../../test/support/wired-session.ts';
import { createServices } from '../store/services.ts';
import { Registry } from './registry.ts';
import { Relief } from './relief.ts';

function hall(count: number) {
  const registry = new Registry();
  const clock = new ManualClock();
  const journal = new Journal();
  const cache = { forget: vi.fn() };
  const all = Array.from({ length: count }, () => new Wired(wordRoute(), {}, { registry, clock }));
  const relief = new Relief(registry, createServices(journal.record, clock), () => [cache, {}]);
  const ended = () => all.filter(({ session }) => session.ending);
  return { all, journal, cache, relief, ended };
}

describe('Relief', () => {
  it('ends a hundredth of the sessions a round, the longest silent first, and says when to come back', () => {
    const { all, relief, ended, journal } = hall(250);
    for (const [i, { client }] of all.entries()) {
      if (i % 50 === 0) all[0]!.pass(1_000);
      client.hear(fromClient(text('hello')));
    }
    all[0]!.pass(31_000);
    relief.relieve();
    expect(ended()).toEqual(all.slice(0, 3));
    expect(all[0]!.client.said[0]).toMatch(/^close 1013 overloaded; after=\d{5}$/);
    relief.relieve();
    expect(ended()).toEqual(all.slice(0, 6));
    expect(journal.named('overload.relieved')).toMatchObject([{ sessions: 3 }, { sessions: 3 }]);
  });

  it('leaves those who have just spoken', () => {
    const { all, relief, ended, journal } = hall(10);
    all[0]!.pass(29_000);
    relief.relieve();
    expect(ended()).toEqual([]);
    expect(journal.named('overload.relieved')).toEqual([]);
  });

  it('forgets what can be found out again', () => {
    const { cache, relief } = hall(0);
    relief.relieve();
    expect(cache.forget).toHaveBeenCalledOnce();
  });
});
