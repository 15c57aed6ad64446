import { expect, it } from 'vitest';
import { gentled } from './gentle.ts';
import { rehearsalOf } from './rehearsal.ts';
import { planText } from './report/plan.ts';

const written = (load: object, faults: readonly object[]) =>
  rehearsalOf({
    name: 'one',
    about: 'One.',
    target: { url: 'wss://ws.example.com/chat', identities: { tokens: 'tokens.txt' } },
    load: { duration: '30s', ...load },
    faults,
    must: ['connections.lost == 0'],
  });

const MESSAGES = [{ template: '{id}' }];

it('takes down what would be a burden, and says what', () => {
  const load = { connections: 500, ramp: '1s', messages: MESSAGES, pace: { rate: '6000/m' }, churn: '50/s' };
  const { rehearsal, lowered } = gentled(
    written(load, [
      { fault: 'connection-flood', at: '1s', rate: '100/s' },
      { fault: 'message-flood', at: '2s' },
      { fault: 'malformed-flood', at: '3s', rate: '600/m' },
      { fault: 'command', at: '4s', for: '1s', run: 'break it', undo: 'mend it' },
    ]),
  );
  expect(rehearsal.connections).toBe(20);
  expect(rehearsal.load).toMatchObject({
    connections: 20,
    ramp: '2000ms',
    pace: { rate: '20/s' },
    churn: '10/s',
  });
  expect(rehearsal.faults).toMatchObject([
    { rate: { count: 10, period: 1_000 } },
    { rate: { count: 50, period: 1_000 }, connections: 2 },
    { rate: { count: 5, period: 1_000 } },
    { run: 'break it' },
  ]);
  expect(lowered).toEqual([
    'load: 20 connections, not 500',
    'load: opened within 2 s, not 1 s',
    'load: 20 messages a second at most',
    'load: 10 connections renewed a second, not 50',
    'connection-flood: 10 a second, not 100',
    'message-flood: 50 a second, not 1000',
    'message-flood: 2 connections, not 5',
    'malformed-flood: 5 a second, not 10',
  ]);
  const plan = planText(rehearsal, lowered);
  for (const line of [
    'This acts on wss://ws.example.com/chat and on nothing else, but for the commands below:',
    '  20 connections for 30 s, 20 messages a second, and a newcomer and a stranger each half second',
    '  at 4 s: command, for 1 s: runs "break it", then "mend it"',
    '  malformed-flood: 5 a second, not 10',
  ])
    expect(plan.split('\n')).toContain(line);
});

it('leaves as it is what is gentle', () => {
  const load = { connections: 5, ramp: '1s', messages: MESSAGES, pace: { rate: '20/s' } };
  const gentle = written(load, [{ fault: 'malformed-flood', at: '3s', rate: '5/s' }]);
  expect(gentled(gentle)).toEqual({ rehearsal: gentle, lowered: [] });
});

it('lets a closed loop think', () => {
  const load = { connections: 10, messages: MESSAGES, pace: { outstanding: 50 } };
  const { rehearsal } = gentled(written(load, [{ fault: 'connections-cut', at: '3s' }]));
  expect(rehearsal.load.pace).toEqual({ outstanding: 1, think: '500ms' });
});
