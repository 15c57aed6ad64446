// TL-06 MT-18
import { expect, it } from 'vitest';
import { connectEdge, gone, open, startEdge } from '../support/edge.ts';

it('refuses to renegotiate, the first time', async () => {
  const edge = await startEdge();
  const socket = await connectEdge(edge, { maxVersion: 'TLSv1.2' });
  const failed = new Promise<Error | null>((resolve) => {
    socket.once('error', resolve);
    socket.renegotiate({}, resolve);
  });
  expect(String(await failed)).toMatch(/no renegotiation|renegotiat/i);
  socket.destroy();
  await gone(socket);
  await open(edge);
});
