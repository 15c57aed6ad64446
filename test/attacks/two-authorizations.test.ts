// HS-41 HS-42
import { expect, it } from 'vitest';
import { ask, startEdge, statusOf, upgradeText } from '../support/edge.ts';

it.each(['Authorization', 'Origin', 'Cookie', 'Sec-WebSocket-Key', 'Sec-Fetch-Site'])(
  'refuses two fields %s: somebody else may read the other',
  async (name) => {
    const edge = await startEdge();
    const text = upgradeText().replace('\r\n\r\n', `\r\n${name}: a\r\n${name.toLowerCase()}: b\r\n\r\n`);
    expect(statusOf(await ask(edge, text))).toBe(400);
    expect(edge.accepted).toEqual([]);
  },
);

it('refuses cookies of 16 KiB', async () => {
  const edge = await startEdge();
  expect(statusOf(await ask(edge, upgradeText({ Cookie: `a=${'b'.repeat(16_384)}` })))).toBe(431);
});
