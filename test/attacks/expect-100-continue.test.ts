// HS-35
import { expect, it } from 'vitest';
import { ask, open, startEdge, statusOf, upgradeText } from '../support/edge.ts';

it('never answers a request with 100', async () => {
  const edge = await startEdge();
  const body = 'Content-Length: 5\r\nExpect: 100-continue';
  const answer = await ask(edge, `POST / HTTP/1.1\r\nHost: localhost\r\n${body}\r\n\r\n`);
  expect(statusOf(answer)).toBe(405);
  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
});

it('never answers an upgrade with 100: there is nothing to continue', async () => {
  const edge = await startEdge();
  await open(edge, upgradeText({ Expect: '100-continue' }));
});
