// HS-07 HS-08 SM-10
import { expect, it } from 'vitest';
import { ask, open, startEdge, statusOf, upgradeText } from '../support/edge.ts';

it.each([
  [{ Upgrade: 'websocketa' }],
  [{ Upgrade: 'websocket/13' }],
  [{ Upgrade: 'h2c', Connection: 'Upgrade, HTTP2-Settings', 'HTTP2-Settings': 'AAMAAABkAARAAAAAAAIAAAAA' }],
  [{ Upgrade: 'h2c, websocket' }],
  [{ Upgrade: 'websocket, websocket' }],
  [{ Upgrade: 'TLS/1.0' }],
  [{ Upgrade: '' }],
])('refuses %j', async (fields) => {
  const edge = await startEdge();
  expect([400, 404, 426]).toContain(statusOf(await ask(edge, upgradeText(fields))));
  expect(edge.accepted).toEqual([]);
});

it.each(['WebSocket', 'WEBSOCKET'])('takes %s, whatever its case', async (upgrade) => {
  const edge = await startEdge();
  const text = upgradeText({ Upgrade: null, Connection: null }).replace(
    '\r\n\r\n',
    `\r\nUPGRADE: ${upgrade}\r\nconnection: UPGRADE\r\n\r\n`,
  );
  await open(edge, text);
  expect(edge.accepted).toHaveLength(1);
});
