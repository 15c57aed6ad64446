import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientBench } from '../../test/support/client.ts';
import type { StateChanged } from './events.ts';
import { type Input, type State, TRANSITIONS } from './states.ts';

// Every arrow, once more and by hand: what the table says is what a client does.
const ARROWS: readonly (readonly [State, Input, State])[] = [
  ['idle', 'connect', 'connecting'],
  ['idle', 'offline', 'offline'],
  ['idle', 'close', 'closed'],
  ['connecting', 'opened', 'open'],
  ['connecting', 'lost', 'waiting'],
  ['connecting', 'ended', 'closed'],
  ['connecting', 'offline', 'offline'],
  ['connecting', 'close', 'closed'],
  ['open', 'lost', 'waiting'],
  ['open', 'ended', 'closed'],
  ['open', 'offline', 'offline'],
  ['open', 'close', 'closing'],
  ['waiting', 'due', 'connecting'],
  ['waiting', 'connect', 'connecting'],
  ['waiting', 'offline', 'offline'],
  ['waiting', 'close', 'closed'],
  ['offline', 'online', 'waiting'],
  ['offline', 'connect', 'connecting'],
  ['offline', 'close', 'closed'],
  ['closing', 'ended', 'closed'],
];

const STATES = Object.keys(TRANSITIONS) as State[];
const INPUTS: readonly Input[] = ['connect', 'opened', 'lost', 'ended', 'due', 'offline', 'online', 'close'];

/** How a client gets there, with one socket behind it where there can be one. */
const ways: Readonly<Record<State, (bench: ClientBench) => Promise<unknown>>> = {
  idle: async () => {},
  connecting: async ({ client, settle }) => {
    client.connect();
    await settle();
  },
  open: (bench) => bench.open(),
  waiting: async (bench) => {
    await ways.offline(bench);
    bench.network.go('online');
  },
  offline: async (bench) => {
    await bench.open();
    bench.network.go('offline');
  },
  closing: async (bench) => {
    await bench.open();
    bench.client.close();
  },
  closed: async (bench) => {
    await ways.closing(bench);
    bench.socket.end(1000);
  },
};

/** How the world does it to a client, in any state; a socket that was left may still speak. */
const acts: Readonly<Record<Input, (bench: ClientBench) => void>> = {
  connect: ({ client }) => client.connect(),
  opened: ({ sockets }) => sockets.at(-1)?.open(),
  lost: ({ sockets }) => sockets.at(-1)?.end(1001),
  ended: ({ sockets }) => sockets.at(-1)?.end(4500),
  due: ({ timers }) => timers.advance(1_000),
  offline: ({ network }) => network.go('offline'),
  online: ({ network }) => network.go('online'),
  close: ({ client }) => client.close(),
};

const leadsTo = (from: State, input: Input): State | undefined =>
  ARROWS.find(([state, by]) => state === from && by === input)?.[2];

describe('the table', () => {
  it('has these arrows and no other', () => {
    const drawn = STATES.flatMap((from) =>
      Object.entries(TRANSITIONS[from]).map(([input, to]) => [from, input, to]),
    );
    expect(drawn).toHaveLength(ARROWS.length);
    expect(drawn).toEqual(expect.arrayContaining(ARROWS as unknown as unknown[]));
  });
});

describe.each(STATES)('%s', (from) => {
  // an end while connecting is a budget that is spent; one is lost while it closes only by being closed
  it.each(INPUTS.filter((input) => from !== 'closing' || input !== 'lost'))('%s', async (input) => {
    const spent = from === 'connecting' && input === 'ended';
    const bench = new ClientBench({ reconnect: { attempts: spent ? 0 : 9 } });
    await ways[from](bench);
    expect(bench.client.state).toBe(from);
    if (from === 'idle' && input === 'offline') {
      bench.network.go('offline');
      bench.client.connect(); // nobody listens to the network before
    } else acts[input](bench);
    await bench.settle();
    expect(bench.client.state).toBe(leadsTo(from, input) ?? from);
  });
});

it('never leaves the table, holds one socket at most, and leaves nothing behind', async () => {
  const step = fc.constantFrom(...INPUTS, 'send' as const, 'fail' as const, 'settle' as const);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat(3), async (steps, attempts) => {
      const bench = new ClientBench({ reconnect: { attempts, stableAfter: 1_500 } });
      for (const each of steps) {
        if (each === 'settle') await bench.settle();
        else if (each === 'fail') bench.sockets.at(-1)?.fail();
        else if (each === 'send') sendIfOpen(bench);
        else acts[each](bench);
        check(bench);
      }
      await bench.settle();
      check(bench);
    }),
    { numRuns: 500 },
  );
});

function sendIfOpen({ client }: ClientBench): void {
  if (client.state !== 'closing' && client.state !== 'closed') client.send('message');
}

function check(bench: ClientBench): void {
  const { state } = bench.client;
  let at: State = 'idle';
  for (const { from, to } of bench.of('state') as StateChanged[]) {
    expect(from).toBe(at);
    expect(Object.values(TRANSITIONS[from])).toContain(to);
    at = to;
  }
  expect(at).toBe(state);
  const held = bench.sockets.filter(({ readyState }) => readyState < 2);
  expect(held.length).toBeLessThanOrEqual(state === 'connecting' || state === 'open' ? 1 : 0);
  const timers = { idle: 0, connecting: 1, open: 0, waiting: 1, offline: 0, closing: 1, closed: 0 };
  expect([state, bench.timers.pending]).toEqual([state, timers[state]]);
  expect(bench.of('close')).toHaveLength(state === 'closed' ? 1 : 0);
  if (state === 'closed') expect(bench.network.watchers.size).toBe(0);
}
