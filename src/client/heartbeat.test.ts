import { expect, it } from 'vitest';
import { ClientBench } from '../../test/support/client.ts';
import type { Failed } from './events.ts';

const heartbeat = { interval: 1_000, timeout: 200, message: () => '{"type":"ping"}' };

it('asks after silence only', async () => {
  const bench = new ClientBench({ heartbeat });
  const socket = await bench.open();
  bench.timers.advance(900);
  socket.receive('news');
  bench.timers.advance(999);
  expect(socket.sent).toEqual([]);
  bench.timers.advance(1);
  expect(socket.sent).toEqual(['{"type":"ping"}']);
});

it('takes anything for an answer, and asks again', async () => {
  const bench = new ClientBench({ heartbeat });
  const socket = await bench.open();
  for (let i = 1; i < 5; i++) {
    bench.timers.advance(1_000);
    expect(socket.sent).toHaveLength(i);
    bench.timers.advance(100);
    socket.receive('pong');
  }
  bench.timers.advance(200);
  expect(bench.client.state).toBe('open');
});

it('gives up a connection that is silent, and comes back', async () => {
  const bench = new ClientBench({ heartbeat });
  const socket = await bench.open();
  bench.timers.advance(1_199);
  expect(bench.client.state).toBe('open');
  bench.timers.advance(1);
  expect([bench.client.state, socket.closedWith]).toEqual(['waiting', [undefined, undefined]]);
  expect((bench.of('error') as Failed[]).map(({ error }) => error.code)).toEqual(['heartbeat_missed']);
  await bench.after(500);
  bench.socket.open();
  expect(bench.client.state).toBe('open');
});

it('ends with the connection', async () => {
  const bench = new ClientBench({ heartbeat });
  const socket = await bench.open();
  socket.end(4500);
  expect(bench.timers.pending).toBe(0);
});
