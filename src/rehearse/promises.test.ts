import { describe, expect, it } from 'vitest';
import { summarize } from '../load/summary.ts';
import type { Evidence, Trial } from './evidence.ts';
import { type Judged, judgeAll } from './promises.ts';
import { impairmentOf, recoveryOf } from './recovery.ts';
import { rehearsalOf } from './rehearsal.ts';

const trial = (at: number, who: Trial['who'], admitted: boolean): Trial => ({
  at,
  who,
  admitted,
  took: 100,
  answer: admitted ? '101' : '401',
});
const sample = (at: number, open: number) => ({ at, open, sent: 10, answered: 10, lost: 0, p99: 1 });

/** Twenty seconds with a fault from 5 s to 10 s; nothing is wrong but what is said. */
function evidence(said: Partial<Evidence> = {}): Evidence {
  const every = Array.from({ length: 40 }, (_, i) => (i + 1) / 2);
  return {
    connections: 5,
    summary: summarize([], [], false),
    samples: every.map((at) => sample(at, 5)),
    trials: every.map((at) => trial(at, 'newcomer', true)),
    health: [],
    events: [],
    alarms: [],
    entries: [],
    faults: [{ fault: 'provider-away', began: 5, over: 10 }],
    began: 5,
    over: 10,
    ended: 20,
    ...said,
  };
}

function judged(must: unknown, seen: Evidence): Judged {
  const written = { load: {}, faults: [{ fault: 'provider-away', at: '1s' }], must: [must] };
  return judgeAll(rehearsalOf({ name: 'one', about: '', ...written }).must, seen)[0]!;
}

describe('what is wrong', () => {
  it('is nothing, if all is as it was', () => {
    expect(impairmentOf(evidence())).toBeUndefined();
    expect(recoveryOf(evidence())).toBe(0);
  });

  it.each([
    [
      'connections that are missing',
      { samples: [sample(4, 4), sample(6, 4), sample(12, 4), sample(12.5, 5)] },
    ],
    [
      'answers that are missing',
      {
        samples: [
          { ...sample(6, 5), answered: 4 },
          { ...sample(12, 5), answered: 4 },
        ],
      },
    ],
    ['newcomers who are kept out', { trials: [trial(6, 'newcomer', false), trial(11.9, 'newcomer', false)] }],
    [
      'health',
      { health: [6, 12].map((at) => ({ at, node: 'node-1', ready: true, failing: ['identities'] })) },
    ],
    [
      'a node that is not ready',
      { health: [6, 12].map((at) => ({ at, node: 'node-1', ready: false, failing: [] })) },
    ],
  ])('is %s, from the first fault on', (_what, said: Partial<Evidence>) => {
    const summary = { ...summarize([], [], false) };
    const seen = evidence({ ...said, summary: { ...summary, messages: { ...summary.messages, sent: 100 } } });
    expect(impairmentOf(seen)!.from).toBeCloseTo(6, 0);
    expect(impairmentOf(seen)!.until).toBeCloseTo(12);
    expect(recoveryOf(seen)).toBeCloseTo(2_000);
  });

  it('is not over, if it is wrong at the end', () => {
    const seen = evidence({ samples: [sample(6, 4), sample(19.5, 4)] });
    expect(impairmentOf(seen)).toEqual({ from: 6, until: undefined });
    expect(judged('recovery.time <= 99s', seen)).toMatchObject({ kept: false, seen: 'never' });
    expect(judged('impaired.time <= 99s', seen)).toMatchObject({ kept: false, seen: 'never' });
  });
});

describe('a promise', () => {
  it('about strangers is broken by one who is let in', () => {
    const strangers = ['without', 'garbage', 'expired', 'forged'] as const;
    const out = strangers.map((who, i) => trial(i, who, false));
    expect(judged('strangers.admitted == 0', evidence({ trials: out }))).toMatchObject({
      kept: true,
      seen: '0',
    });
    const one = [...out, trial(7, 'forged', true)];
    expect(judged('strangers.admitted == 0', evidence({ trials: one }))).toMatchObject({
      kept: false,
      seen: '1',
    });
    expect(judged('strangers.tried == 5', evidence({ trials: one })).kept).toBe(true);
  });

  it('about newcomers is broken where none came at all', () => {
    const trials = [trial(1, 'newcomer', true), trial(4, 'newcomer', false), trial(9, 'newcomer', true)];
    expect(judged('newcomers.success >= 60%', evidence({ trials }))).toMatchObject({
      kept: true,
      seen: '66.7 %',
    });
    expect(judged('newcomers.gap <= 8s', evidence({ trials }))).toMatchObject({
      kept: false,
      seen: '11.0 s',
    });
    expect(judged('newcomers.success >= 1%', evidence({ trials: [] })).kept).toBe(false);
  });

  it('about an event counts from the first fault, and by its fields', () => {
    const event = (at: number, code: string) => ({
      at,
      node: 'node-1',
      event: 'session.closed',
      fields: { code },
    });
    const seen = evidence({ events: [event(3, 'idle'), event(7, 'drained')] });
    const drained = { event: 'session.closed', where: { code: 'drained' } };
    expect(judged(drained, seen)).toMatchObject({ kept: true, seen: 'seen 2.0 s after the fault' });
    expect(judged({ ...drained, within: '1s' }, seen).kept).toBe(false);
    expect(judged({ ...drained, never: true }, seen).kept).toBe(false);
    const idle = { event: 'session.closed', where: { code: 'idle' } };
    expect(judged(idle, seen)).toMatchObject({ kept: false, seen: 'not seen' });
    expect(judged({ ...idle, never: true }, seen).kept).toBe(true);
  });

  it('about health and alarms is seen in them', () => {
    const health = [{ at: 6, node: 'node-1', ready: false, failing: ['identities'] }];
    const alarm = { name: 'A', labels: '', severity: 'page', since: 8, holds: 0, fired: 8, until: undefined };
    const seen = evidence({ health, alarms: [alarm] });
    expect(judged({ check: 'identities', within: '2s' }, seen).kept).toBe(true);
    expect(judged({ check: 'state' }, seen).kept).toBe(false);
    expect(judged({ unready: 'any', never: true }, seen).kept).toBe(false);
    expect(judged({ alarm: 'A', within: '3s' }, seen).kept).toBe(true);
    expect(judged({ alarm: 'B' }, seen).kept).toBe(false);
  });

  it('about times is not judged where the generator could not keep up and may be why', () => {
    const slow = evidence({ summary: { ...summarize([], [], false), bottleneck: 'too slow' } });
    expect(judged('latency.p99 < 0ms', slow)).toMatchObject({ seen: 'not judged', kept: undefined });
    expect(judged('latency.p99 >= 0ms', slow)).toMatchObject({ seen: 'not judged', kept: undefined });
    expect(judged('latency.p99 <= 1s', slow).kept).toBe(true); // it was quick enough all the same
    expect(judged('latency.p99 < 0ms', evidence()).kept).toBe(false);
    expect(judged('connections.lost == 0', slow).kept).toBe(true);
  });
});
