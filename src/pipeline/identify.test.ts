import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeHandshake, fakePrincipal, ManualClock } from '../../test/support/guard.ts';
import type { Fields, Recorder } from '../record/recorder.ts';
import { silentRecorder } from '../record/recorder.ts';
import { identify } from './identify.ts';
import { type Identification, NOT_MINE } from './identity.ts';
import type { NamedIdentity } from './route.ts';
import { refuse } from './verdict.ts';

const events: (Fields & { name: string })[] = [];
const recorder: Recorder = {
  ...silentRecorder,
  event: (name, fields) => void events.push({ ...(fields as Fields), name }),
};
const clock = new ManualClock();
const asked: string[] = [];

beforeEach(() => {
  events.length = 0;
  asked.length = 0;
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

function named(name: string, answer: () => Identification | Promise<Identification>): NamedIdentity {
  return {
    name,
    identity: {
      identify: () => {
        asked.push(name);
        return answer();
      },
    },
  };
}

const ask = (...identities: NamedIdentity[]) => identify(identities, fakeHandshake(), { recorder, clock });
const ada = fakePrincipal({ subject: 'ada' });
const no = refuse('credential_invalid', 'forged');

describe('identify', () => {
  it('takes the word of the first that is responsible, yes or no, and asks no other', async () => {
    const yes = named('yes', () => ada);
    const never = named('never', async () => no);
    const none = named('none', () => NOT_MINE);
    expect(await ask(none, yes, never)).toBe(ada);
    expect(await ask(none, never, yes)).toBe(no);
    expect(asked).toEqual(['none', 'yes', 'none', 'never']);
  });

  it.each([
    ['there is none', []],
    [
      'none is responsible',
      [named('a', () => NOT_MINE), named('b', () => Promise.resolve<Identification>(NOT_MINE))],
    ],
  ])('says no when %s', async (_name, identities) => {
    expect(await ask(...identities)).toMatchObject({ pass: false, code: 'credential_missing' });
    expect(events).toEqual([]);
  });

  it('records each answer once, with who answered and how long it took', async () => {
    await ask(
      named('slow', async () => {
        clock.pass(250);
        return ada;
      }),
    );
    await ask(named('strict', () => no));
    expect(events).toEqual([
      { name: 'identity.answered', identity: 'slow', outcome: 'accepted', seconds: 0.25 },
      { name: 'identity.answered', identity: 'strict', outcome: 'credential_invalid', seconds: 0 },
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new TypeError('broken');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('broken'))],
  ])('refuses as a fault of ours when one %s, and asks no other', async (_name, answer) => {
    const found = await ask(
      named('broken', answer),
      named('yes', () => ada),
    );
    expect(found).toMatchObject({ pass: false, code: 'internal' });
    expect(asked).toEqual(['broken']);
    expect(events[0]).toMatchObject({ name: 'gateway.fault', where: 'identity broken' });
    expect(events[1]).toMatchObject({ name: 'identity.answered', outcome: 'internal' });
  });

  it('refuses as a fault of ours when one never answers, after ten seconds', async () => {
    const found = ask(named('silent', () => new Promise(() => {})));
    await vi.advanceTimersByTimeAsync(9_999);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await found).toMatchObject({ pass: false, code: 'internal' });
  });
});
