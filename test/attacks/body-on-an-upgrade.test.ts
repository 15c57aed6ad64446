// SM-01 SM-02 SM-03
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it, vi } from 'vitest';
import { ask, connectEdge, startEdge, statusOf, upgradeText } from '../support/edge.ts';

const smuggled = 'GET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n';

it.each([
  [{ 'Content-Length': '5' }, 'hello'],
  [{ 'Content-Length': '00' }, ''],
  [{ 'Content-Length': '+0' }, ''],
  [{ 'Content-Length': '0, 0' }, ''],
  [{ 'Content-Length': '0\r\nContent-Length: 0' }, ''],
  [{ 'Content-Length': '5\r\nContent-Length: 6' }, 'hello'],
  [{ 'Transfer-Encoding': 'chunked' }, '5\r\nhello\r\n0\r\n\r\n'],
  [{ 'Transfer-Encoding': 'chunked, identity' }, ''],
  [{ 'Transfer-Encoding': 'xchunked' }, ''],
  [{ 'Transfer-Encoding': 'identity' }, ''],
  [{ 'Transfer-Encoding': '' }, ''],
  [{ 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }, '0\r\n\r\n'],
  [{ 'Transfer-Encoding': 'chunked' }, `5;${'x'.repeat(2_000)}\nhello\n0\n\n`],
])('refuses %j, and what is hidden behind it is never read', async (fields, body) => {
  const edge = await startEdge();
  const answer = await ask(edge, upgradeText(fields) + body + smuggled);
  expect(statusOf(answer)).toBe(400);
  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(edge.accepted).toEqual([]);
});

it.each([{ 'Content-Length': '5' }, { 'Transfer-Encoding': 'chunked' }])(
  'refuses %j before the body has come, and survives a reset in its place',
  async (fields) => {
    const edge = await startEdge();
    const tcp = connect(edge.port, '127.0.0.1');
    const socket = await connectEdge(edge, { socket: tcp });
    socket.write(upgradeText(fields));
    const [answer] = await once(socket, 'data');
    expect(statusOf(String(answer))).toBe(400);
    tcp.resetAndDestroy();
    await vi.waitFor(() => expect(edge.listener.connections).toBe(0));
    expect(statusOf(await ask(edge, upgradeText({ 'Content-Length': '5' })))).toBe(400);
    expect(edge.accepted).toEqual([]);
  },
);
