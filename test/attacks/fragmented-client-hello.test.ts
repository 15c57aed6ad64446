// TL-15
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { open, startEdge } from '../support/edge.ts';

/** Passes bytes on, but the first record of the client in so many records and packets. */
async function fragmenting(port: number, pieces: number): Promise<number> {
  const server = createServer((client: Socket) => {
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true });
    for (const socket of [client, upstream]) socket.on('error', () => {});
    upstream.pipe(client);
    client.once('data', (hello: Buffer) => {
      const body = hello.subarray(5);
      const size = Math.ceil(body.length / pieces);
      for (let at = 0; at < body.length; at += size) {
        const piece = body.subarray(at, at + size);
        upstream.write(Buffer.from([0x16, 3, 1, piece.length >> 8, piece.length & 255]));
        upstream.write(piece);
      }
      client.pipe(upstream);
    });
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as { port: number }).port;
}

it('reads a ClientHello that comes in ten records', async () => {
  const edge = await startEdge();
  await open({ port: await fragmenting(edge.port, 10) });
  expect(edge.accepted).toHaveLength(1);
});
