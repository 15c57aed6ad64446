// TL-04
import { expect, it } from 'vitest';
import { connectEdge, startEdge } from '../support/edge.ts';

it.each(['secp224r1', 'secp256k1', 'secp521r1'])(
  'refuses a client that knows %s alone',
  async (ecdhCurve) => {
    const edge = await startEdge();
    await expect(connectEdge(edge, { ecdhCurve })).rejects.toThrow(/handshake failure|no suitable/i);
  },
);

it.each(['X25519', 'prime256v1', 'secp384r1'])('speaks %s, asked for again if it must', async (curve) => {
  const edge = await startEdge();
  const socket = await connectEdge(edge, { ecdhCurve: `secp521r1:${curve}` });
  expect(socket.authorized).toBe(true);
});
