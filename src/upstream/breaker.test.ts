import { beforeEach, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/guard.ts';
import type { EventName } from '../record/events.ts';
import { type Fields, silentRecorder } from '../record/recorder.ts';
import { type Attempt, Breaker, FAILURES, MAX_DIALLING, OPEN } from './breaker.ts';

let clock: ManualClock;
let breaker: Breaker;
let said: { name: EventName; fields: Fields }[];
/** What chance says next. */
let chance: number;

beforeEach(() => {
  clock = new ManualClock();
  said = [];
  chance = 0;
  breaker = new Breaker({
    route: 'chat',
    upstream: 'backend:9000',
    clock,
    recorder: { ...silentRecorder, event: (name, fields) => void said.push({ name, fields }) },
    random: () => chance,
  });
});

function admitted(): Attempt {
  const attempt = breaker.admit();
  if ('pass' in attempt) throw new Error(attempt.reason);
  return attempt;
}

const refused = () => {
  const verdict = breaker.admit();
  return 'pass' in verdict ? verdict : undefined;
};

function fail(times: number): void {
  for (let i = 0; i < times; i++) admitted().over('ECONNREFUSED');
}

it('opens after so many failures in a row, and says when to come back', () => {
  fail(FAILURES - 1);
  expect(breaker.state).toBe('closed');
  fail(1);
  expect(refused()).toMatchObject({ code: 'upstream_away', retryAfter: OPEN.first });
  expect(breaker.health()).toBe('backend:9000 cannot be reached: ECONNREFUSED');
  expect(said).toEqual([
    {
      name: 'upstream.lost',
      fields: {
        route: 'chat',
        upstream: 'backend:9000',
        failures: FAILURES,
        error: 'ECONNREFUSED',
        seconds: 0.5,
      },
    },
  ]);
});

it('counts none that came between, and none that left by themselves', () => {
  fail(FAILURES - 1);
  admitted().connected();
  fail(FAILURES - 1);
  admitted().over();
  expect(breaker.state).toBe('closed');
});

it('does not count what an upstream answers: a client could bring that about', () => {
  for (let i = 0; i < 100; i++) {
    const attempt = admitted();
    attempt.connected();
    attempt.over('the upstream closed before it answered');
  }
  expect(breaker.state).toBe('closed');
});

it('lets one try when the time is over, and closes if that can connect', () => {
  fail(FAILURES);
  clock.pass(OPEN.first - 1);
  expect(refused()).toMatchObject({ retryAfter: 1 });
  clock.pass(1);
  const attempt = admitted();
  expect([breaker.state, refused()]).toMatchObject(['half-open', { retryAfter: 1_000 }]);
  attempt.connected();
  expect([breaker.state, breaker.health()]).toEqual(['closed', undefined]);
  expect(said.at(-1)).toMatchObject({ name: 'upstream.back', fields: { seconds: 0.5 } });
  fail(FAILURES - 1);
  expect(breaker.state).toBe('closed'); // it begins anew
});

it('stays open for twice as long after each attempt in vain, and says it once', () => {
  fail(FAILURES);
  const waits: number[] = [];
  for (let i = 0; i < 6; i++) {
    clock.pass(refused()!.retryAfter!);
    fail(1);
    waits.push(refused()!.retryAfter!);
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  expect(said).toHaveLength(1);
});

it('takes a part of up to a half off by chance', () => {
  chance = 0.999_999;
  fail(FAILURES);
  expect(refused()!.retryAfter).toBe(251);
});

it('lets the next one try if the first has left', () => {
  fail(FAILURES);
  clock.pass(OPEN.first);
  admitted().over();
  expect(breaker.state).toBe('open');
  admitted().connected();
  expect(breaker.state).toBe('closed');
});

it('is not moved by what was begun before it opened', () => {
  const late = [admitted(), admitted()];
  fail(FAILURES);
  late[0]!.connected();
  late[1]!.over('ETIMEDOUT');
  expect([breaker.state, said.length]).toEqual(['open', 1]);
});

// UP-14
it('lets so many wait at once and no more', () => {
  const attempts = Array.from({ length: MAX_DIALLING }, admitted);
  expect(refused()).toMatchObject({ code: 'upstream_away', retryAfter: 1_000 });
  attempts[0]!.over();
  admitted();
  expect(breaker.state).toBe('closed');
});
