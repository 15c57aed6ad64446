import { describe, expect, it } from 'vitest';
import { FAULTS } from './faults.ts';
import { RehearsalError, rehearsalOf } from './rehearsal.ts';

const RIGHT = {
  name: 'one',
  about: 'One.',
  load: { connections: 5, duration: '20s' },
  faults: [{ fault: 'provider-away', at: '2s', for: '3s' }],
  must: ['connections.lost == 0', { event: 'keys.failed', within: '5s' }],
};

it('is read with its times in milliseconds', () => {
  const { duration, connections, faults, stage } = rehearsalOf(RIGHT);
  expect({ duration, connections }).toEqual({ duration: 20_000, connections: 5 });
  expect(faults).toEqual([{ fault: 'provider-away', at: 2_000, for: 3_000 }]);
  expect(stage).toEqual({ nodes: 1, redis: false, gateway: {} });
});

const TARGET = {
  target: { url: 'wss://ws.example.com/chat' },
  faults: [{ fault: 'connection-flood', at: '2s', for: '3s' }],
  must: ['connections.lost == 0'],
};

it('may be played on an endpoint that is named', () => {
  const { target, stage } = rehearsalOf({ ...RIGHT, ...TARGET });
  expect(target).toEqual({ url: 'wss://ws.example.com/chat', metrics: [] });
  expect(stage.nodes).toBe(1); // and nothing of a stage was said
  const alarm = { must: [{ alarm: 'SallyportDown' }] };
  const metrics = [{ name: 'one', url: 'https://ws.example.com:9900/metrics' }];
  rehearsalOf({ ...RIGHT, ...TARGET, ...alarm, target: { ...TARGET.target, metrics } });
});

describe('on an endpoint that is named is refused', () => {
  const needed = (fault: object) => [{ at: '1s', ...fault }];
  it.each([
    ...Object.entries(FAULTS)
      .filter(([, { on }]) => on === 'stage')
      .map(([fault]): [object, RegExp] => [
        { faults: needed({ fault, ...(fault === 'provider-slow' && { by: '1s' }) }) },
        new RegExp(`^faults\\.0: ${fault} needs a stage of its own; .*fault: command`, 'm'),
      ]),
    [{ stage: { nodes: 2 } }, /^stage: an endpoint that is named has none/],
    [{ must: [{ event: 'keys.failed' }] }, /^must\.0: event: that is seen of a stage of its own alone/],
    [{ must: [{ check: 'identities' }] }, /^must\.0: check: /],
    [{ must: [{ unready: 'any' }] }, /^must\.0: unready: /],
    [{ must: [{ alarm: 'SallyportDown' }] }, /^must\.0: alarm: it needs target\.metrics/],
    [{ target: { url: 'https://ws.example.com/' } }, /^target\.url: /],
    [{ target: { ...TARGET.target, address: 'ws.example.com' } }, /^target\.address: an address like/],
    [{ faults: needed({ fault: 'command' }) }, /^faults\.0\.run: /],
    [{ faults: needed({ fault: 'command', run: 'true', for: '1s' }) }, /^faults\.0: .* needs undo/],
  ])('%j', (changes, why) => {
    expect(() => rehearsalOf({ ...RIGHT, ...TARGET, ...changes })).toThrow(why);
  });
});

describe('is refused', () => {
  it.each([
    [{ faults: [{ fault: 'no-such', at: '1s' }] }, /^faults\.0\.fault: /],
    [{ faults: [{ fault: 'provider-slow', at: '1s' }] }, /^faults\.0\.by: /],
    [{ faults: [{ fault: 'provider-away', at: '1s', by: '1s' }] }, /^faults\.0: /],
    [{ faults: [] }, /^faults: /],
    [
      { faults: [{ fault: 'provider-away', at: '15s', for: '5s' }] },
      'it ends at 20 s, and the load after 20 s',
    ],
    [{ faults: [{ fault: 'node-killed', at: '1s' }] }, 'node-killed needs stage.nodes: 2'],
    [{ faults: [{ fault: 'redis-away', at: '1s' }] }, 'redis-away needs stage.redis: true'],
    [{ load: { target: 'wss://example.com/' } }, 'target is not for a rehearsal to say'],
    [{ load: { duration: 'long' } }, /^load\.duration: a duration/],
    [{ must: ['recovery.time == soon'] }, /^must\.0: /],
    [{ must: ['storm.recovery <= 1s'] }, /^must\.0: /],
    [{ must: [{ event: 'no.such' }] }, /^must\.0/],
    [{ must: [{ check: 'no-such' }] }, /^must\.0/],
    [{ must: [] }, /^must: /],
    [{ name: 'Not a name' }, /^name: /],
    [{ more: 1 }, /^rehearsal: /],
  ])('%j', (changes, why) => {
    const read = () => rehearsalOf({ ...RIGHT, ...changes });
    expect(read).toThrow(RehearsalError);
    expect(read).toThrow(why);
  });
});
