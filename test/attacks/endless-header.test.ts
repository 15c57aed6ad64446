// HS-36 HS-38
import { expect, it } from 'vitest';
import { ask, connectEdge, open, readAll, startEdge, statusOf, upgradeText } from '../support/edge.ts';

it('answers one line of 20 MB with 431 while it still comes', async () => {
  const edge = await startEdge();
  const socket = await connectEdge(edge);
  const answer = readAll(socket);
  socket.write(`GET /ws HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(20_000_000)}`);
  expect(statusOf(await answer)).toBe(431);
});

it.each([101, 2_001])('refuses %i short fields, the upgrade among the last', async (count) => {
  const edge = await startEdge();
  const text = upgradeText().replace('\r\nHost', `\r\n${'a:b\r\n'.repeat(count)}Host`);
  expect(statusOf(await ask(edge, text))).toBe(431);
  expect(edge.accepted).toEqual([]);
});

// Node gathers fields in batches of 31 and drops whole batches: 62 is two of them.
it.each([50, 62])('does not lose a second Host behind more than %i fields', async (headers) => {
  const edge = await startEdge({ listener: { limits: { headers } } });
  for (const more of [headers - 5, 1_000]) {
    const text = upgradeText().replace('\r\n\r\n', `\r\n${'a:b\r\n'.repeat(more)}Host: other\r\n\r\n`);
    expect(statusOf(await ask(edge, text))).toBe(431);
  }
});

it('takes no more than a reload allows, from the next connection on', async () => {
  const edge = await startEdge();
  const text = upgradeText({ X: 'a'.repeat(4_000) });
  (await open(edge, text)).destroy();
  await edge.reconfigure({ listener: { limits: { headerBytes: '2KiB' } } });
  expect(statusOf(await ask(edge, text))).toBe(431);
  await edge.reconfigure({ listener: { limits: { headerBytes: '32KiB' } } });
  (await open(edge, upgradeText({ X: 'a'.repeat(20_000) }))).destroy();
});
