import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeCandidate } from '../../test/support/guard.ts';
import { openRoute } from '../../test/support/memory-session.ts';
import { arm } from '../../test/support/wired-session.ts';
import { RouteCounters } from '../record/counters.ts';
import { type Fields, type Recorder, silentRecorder } from '../record/recorder.ts';
import { admit } from './admit.ts';
import type { Armed } from './route.ts';
import { type MaybePromise, PASS, refuse, type Verdict } from './verdict.ts';

const events: (Fields & { name: string })[] = [];
const recorder: Recorder = {
  ...silentRecorder,
  event: (name, fields) => void events.push({ ...(fields as Fields), name }),
};
const asked: string[] = [];

beforeEach(() => {
  events.length = 0;
  asked.length = 0;
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

function guard(name: string, answer: () => MaybePromise<Verdict>, observe = false): Armed {
  const onUpgrade = (): MaybePromise<Verdict> => {
    asked.push(name);
    return answer();
  };
  return arm({ onUpgrade }, name, observe);
}

function ask(...door: Armed[]) {
  const route = { ...openRoute(), door, counters: new RouteCounters('bench') };
  return { denied: admit(route, fakeCandidate(), recorder), refusals: route.counters.client.refusals };
}

const deny = (): Verdict => refuse('origin_denied', 'foreign');

describe('admit', () => {
  it('lets in whom every guard passes', async () => {
    const { denied, refusals } = ask(
      guard('a', () => PASS),
      guard('b', async () => PASS),
      arm({}, 'no door of its own'),
    );
    expect(await denied).toBeUndefined();
    expect(asked).toEqual(['a', 'b']);
    expect([refusals.size, events]).toEqual([0, []]);
  });

  it('ends with the first no, says whose it was, and counts it once', async () => {
    const { denied, refusals } = ask(
      guard('a', () => PASS),
      guard('b', async () => deny()),
      guard('c', deny),
    );
    expect(await denied).toMatchObject({ guard: 'b', refused: { code: 'origin_denied' } });
    expect(asked).toEqual(['a', 'b']);
    expect([...refusals]).toEqual([['b origin_denied', { enforced: 1, observed: 0 }]]);
    expect(events).toEqual([]); // the journey records the refusal
  });

  it('lets pass what a guard only observes, counts it and says so', async () => {
    const { denied, refusals } = ask(
      guard('a', deny, true),
      guard('b', () => PASS),
    );
    expect(await denied).toBeUndefined();
    expect(asked).toEqual(['a', 'b']);
    expect([...refusals]).toEqual([['a origin_denied', { enforced: 0, observed: 1 }]]);
    expect(events).toMatchObject([{ name: 'upgrade.observed', guard: 'a', code: 'origin_denied' }]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new TypeError('broken');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('broken'))],
  ])('refuses as a fault of ours when a guard %s', async (_name, answer) => {
    const { denied } = ask(
      guard('broken', answer),
      guard('b', () => PASS),
    );
    expect(await denied).toMatchObject({ guard: 'broken', refused: { code: 'internal' } });
    expect(asked).toEqual(['broken']);
    expect(events).toMatchObject([{ name: 'gateway.fault', where: 'guard broken' }]);
  });

  it('refuses as a fault of ours when a guard never answers, after five seconds', async () => {
    const { denied } = ask(guard('silent', () => new Promise(() => {})));
    await vi.advanceTimersByTimeAsync(4_999);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await denied).toMatchObject({ guard: 'silent', refused: { code: 'internal' } });
  });

  it('lets pass, and says so, when a guard that only observes is broken', async () => {
    const broken = (): Verdict => {
      throw new TypeError('broken');
    };
    const { denied } = ask(guard('broken', broken, true));
    expect(await denied).toBeUndefined();
    expect(events.map(({ name }) => name)).toEqual(['gateway.fault', 'upgrade.observed']);
  });
});
