// HS-03 HS-33
import { expect, it } from 'vitest';
import { ask, startEdge, statusOf, upgradeText } from '../support/edge.ts';

const expects = (_host: string, path: string) => path === '/ws';

it.each([{ Connection: null }, { Connection: 'keep-alive' }, { Upgrade: null, Connection: null }])(
  'says 426 on the path of a socket, and what to upgrade to, for %j',
  async (fields) => {
    const edge = await startEdge({ handlers: { expects } });
    const answer = await ask(edge, upgradeText(fields));
    expect(statusOf(answer)).toBe(426);
    expect(answer).toMatch(/^Upgrade: websocket\r$/m);
    expect(answer).toMatch(/^Connection: .*\bclose\r$/m);
    expect(edge.accepted).toEqual([]);
  },
);

it('says 404 elsewhere, in a page that tells nothing', async () => {
  const edge = await startEdge({ handlers: { expects } });
  const answer = await ask(edge, 'GET /other HTTP/1.1\r\nHost: localhost\r\n\r\n');
  expect(statusOf(answer)).toBe(404);
  expect(answer.split('\r\n\r\n')[1]).toBe('not found\n');
  expect(answer).not.toMatch(/^(server|x-powered-by):/im);
});
