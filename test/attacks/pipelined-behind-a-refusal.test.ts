// SM-04 D7
import { expect, it } from 'vitest';
import { ask, startEdge, statusOf, upgradeText } from '../support/edge.ts';

const second = 'GET /admin HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n';

it('gives one answer and the end to an upgrade that is refused', async () => {
  const seen: (string | undefined)[] = [];
  const edge = await startEdge({
    handlers: {
      request(request) {
        seen.push(request.url);
        return false;
      },
    },
  });
  for (const fields of [
    { Connection: 'keep-alive, Upgrade', 'Sec-WebSocket-Version': '777' },
    { Host: 'other' },
    { 'Sec-WebSocket-Key': 'x' },
  ]) {
    const answer = await ask(edge, upgradeText(fields) + second);
    expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(answer).toMatch(/^Connection: .*\bclose\r$/m);
  }
  expect(seen).toEqual([]);
});

it('gives one answer and the end to a request, and never hears the second', async () => {
  const seen: (string | undefined)[] = [];
  const edge = await startEdge({
    handlers: {
      async request(request) {
        seen.push(request.url);
        return false;
      },
    },
  });
  const answer = await ask(edge, `GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\n${second}${upgradeText()}`);
  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(seen).toEqual(['/1']);
  expect(edge.accepted).toEqual([]);
});
