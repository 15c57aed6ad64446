// TL-07
import { expect, it } from 'vitest';
import { connectEdge, startEdge } from '../support/edge.ts';

it.each([['h2'], ['http/1.0'], ['foo'], ['ftp', 'smtp']])(
  'refuses ALPN %s with an alert',
  async (...protocols) => {
    const edge = await startEdge();
    await expect(connectEdge(edge, { ALPNProtocols: protocols })).rejects.toMatchObject({
      code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
    });
  },
);

it('speaks http/1.1, and to clients that do not ask', async () => {
  const edge = await startEdge();
  const names = Array.from({ length: 254 }, (_, i) => `x${i}`);
  expect((await connectEdge(edge, { ALPNProtocols: ['h2', 'http/1.1'] })).alpnProtocol).toBe('http/1.1');
  expect((await connectEdge(edge, { ALPNProtocols: [...names, 'http/1.1'] })).alpnProtocol).toBe('http/1.1');
  expect((await connectEdge(edge)).alpnProtocol).toBe(false);
});
