// HS-32 HS-46
import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { open, startEdge } from '../support/edge.ts';

async function closedOf(sockets: Socket[]): Promise<number> {
  await vi.waitFor(() => expect(sockets.some((socket) => socket.closed)).toBe(true));
  return sockets.filter((socket) => socket.closed).length;
}

function flood(port: number, count: number): Socket[] {
  return Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    onTestFinished(() => void socket.destroy());
    return socket.resume();
  });
}

it('resets what one address opens beyond its share, before any TLS', async () => {
  const edge = await startEdge({
    listener: { limits: { perAddress: { connections: 10, handshakes: '1000/s' } } },
  });
  const sockets = flood(edge.port, 50);
  await vi.waitFor(async () => expect(await closedOf(sockets)).toBe(40), 5_000);
  expect(edge.listener.connections).toBe(10);
  expect((await edge.event('connection.refused')).fields).toMatchObject({ code: 'address_connections' });
});

it('resets who opens them too quickly', async () => {
  const edge = await startEdge({ listener: { limits: { perAddress: { handshakes: '5/h' } } } });
  const sockets = flood(edge.port, 20);
  await vi.waitFor(async () => expect(await closedOf(sockets)).toBe(15), 5_000);
  expect((await edge.event('connection.refused')).fields).toMatchObject({ code: 'address_handshakes' });
});

it('holds no more than it may in all', async () => {
  const edge = await startEdge({
    listener: { limits: { connections: 5, perAddress: { connections: 100, handshakes: '1000/s' } } },
  });
  const sockets = flood(edge.port, 20);
  await vi.waitFor(async () => expect(await closedOf(sockets)).toBe(15), 5_000);
  expect((await edge.event('connection.refused')).fields).toMatchObject({ code: 'connections_full' });
});

it('keeps nothing of clients that upgrade and reset at once', async () => {
  const edge = await startEdge({ listener: { limits: { perAddress: { handshakes: '10000/s' } } } });
  for (let round = 0; round < 5; round++) {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => open(edge)));
    for (const socket of sockets) socket.destroy();
  }
  await vi.waitFor(() => expect(edge.listener.connections).toBe(0), 5_000);
  await open(edge);
  expect(edge.events.filter(({ name }) => name === 'gateway.fault')).toEqual([]);
});
