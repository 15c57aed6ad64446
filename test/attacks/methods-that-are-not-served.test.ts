// HS-34
import { expect, it } from 'vitest';
import { ask, startEdge, statusOf } from '../support/edge.ts';

it.each(['TRACE', 'OPTIONS', 'POST', 'DELETE', 'PATCH'])('answers %s with 405', async (method) => {
  const edge = await startEdge();
  const answer = await ask(edge, `${method} / HTTP/1.1\r\nHost: localhost\r\nX-Secret: echoed\r\n\r\n`);
  expect(statusOf(answer)).toBe(405);
  expect(answer).not.toContain('echoed');
});

it('opens no tunnel for CONNECT', async () => {
  const edge = await startEdge();
  const answer = await ask(edge, 'CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\nSSH-2.0-x\r\n');
  expect(statusOf(answer)).toBe(405);
  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
});

it.each(['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'SSH-2.0-OpenSSH\r\n', '\x16\x03\x01\x02\x00\x01', '\0\0\0\0'])(
  'answers %j with 400',
  async (text) => {
    const edge = await startEdge();
    expect(statusOf(await ask(edge, text))).toBe(400);
  },
);
