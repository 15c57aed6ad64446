// HS-43 HS-44 HS-45 SM-08
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import type { Arrival } from '../../src/edge/arrival.ts';
import { readHandshake } from '../../src/edge/handshake.ts';
import { acceptUpgrade, refuseUpgrade, takeEarly } from '../../src/edge/respond.ts';
import { ask, connectEdge, open, readAll, startEdge, statusOf, upgradeText } from '../support/edge.ts';

it('delivers what came with the request once, in order, after admission', async () => {
  const edge = await startEdge();
  const socket = await open(edge, `${upgradeText()}one `);
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  socket.write('two');
  while (heard !== 'one two') await once(socket, 'data');
});

it('refuses more than its bound with the request', async () => {
  const edge = await startEdge();
  expect(statusOf(await ask(edge, upgradeText() + 'x'.repeat(5_000)))).toBe(400);
  expect(edge.accepted).toEqual([]);
});

it('does so before anybody is asked to admit it', async () => {
  const upgrade = vi.fn();
  const edge = await startEdge({ handlers: { upgrade } });
  expect(statusOf(await ask(edge, upgradeText() + 'x'.repeat(5_000)))).toBe(400);
  expect(upgrade).not.toHaveBeenCalled();
  expect((await edge.event('upgrade.refused')).fields.code).toBe('early_data_too_large');
});

/** An edge whose admission waits, and what it was waiting with. */
async function pending() {
  let arrived: (arrival: Arrival) => void;
  const arrival = new Promise<Arrival>((resolve) => {
    arrived = resolve;
  });
  const edge = await startEdge({ handlers: { upgrade: (each) => arrived(each) } });
  return { edge, arrival };
}

it('holds a little of what comes while admission waits, and delivers it', async () => {
  const { edge, arrival } = await pending();
  const socket = await connectEdge(edge);
  socket.write(`${upgradeText()}one `);
  const waiting = await arrival;
  socket.write('two');
  await once(waiting.socket, 'readable');
  expect(String(takeEarly(waiting))).toBe('one two');
});

it('buffers no megabyte while admission waits, and refuses then', async () => {
  const { edge, arrival } = await pending();
  const socket = await connectEdge(edge);
  const answer = readAll(socket);
  socket.write(upgradeText());
  const waiting = await arrival;
  socket.write(Buffer.alloc(1_048_576));
  await once(waiting.socket, 'readable');
  const early = takeEarly(waiting);
  expect(early).toMatchObject({ code: 'early_data_too_large' });
  expect(waiting.socket.readableLength).toBeLessThan(200_000);
  refuseUpgrade(waiting.socket, early as { code: 'early_data_too_large' });
  expect(statusOf(await answer)).toBe(400);
});

it('survives a client that leaves while admission waits', async () => {
  const { edge, arrival } = await pending();
  const socket = await connectEdge(edge);
  socket.write(upgradeText());
  const waiting = await arrival;
  socket.destroy();
  await once(waiting.socket, 'close');
  const handshake = readHandshake(waiting);
  if ('pass' in handshake) throw new Error(handshake.reason);
  acceptUpgrade(waiting.socket, handshake, { protocol: '', extensions: '' });
  refuseUpgrade(waiting.socket, { code: 'internal' });
});
