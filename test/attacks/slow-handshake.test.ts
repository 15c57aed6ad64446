// HS-30 HS-31 TL-14
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { connectEdge, gone, open, readAll, startEdge, statusOf, upgradeText } from '../support/edge.ts';

const listener = { limits: { handshakeTimeout: '300ms' } };

async function tcp(port: number) {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

it('cuts off who connects and says nothing', async () => {
  const edge = await startEdge({ listener });
  const socket = await tcp(edge.port);
  await gone(socket);
  expect((await edge.event('connection.refused')).fields).toMatchObject({ code: 'handshake_timeout' });
});

it('cuts off a ClientHello that comes byte by byte', async () => {
  const edge = await startEdge({ listener });
  const socket = await tcp(edge.port);
  const hello = Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]);
  let i = 0;
  const dribble = setInterval(() => socket.write(hello.subarray(i, ++i)), 40);
  onTestFinished(() => clearInterval(dribble));
  await gone(socket);
});

it('tells who has TLS but dribbles the header, once, and cuts it off', async () => {
  const edge = await startEdge({ listener });
  const socket = await connectEdge(edge);
  const answer = readAll(socket);
  let i = 0;
  const dribble = setInterval(() => socket.write(upgradeText()[i++] ?? ' '), 40);
  onTestFinished(() => clearInterval(dribble));
  expect(statusOf(await answer)).toBe(408);
});

it('does not cut off who was in time', async () => {
  const edge = await startEdge({ listener });
  const socket = await open(edge);
  const late = await tcp(edge.port); // when this one is cut off, the first would have been
  await gone(late);
  socket.write('still here');
  expect(String((await once(socket, 'data'))[0])).toBe('still here');
});
