// RO-19
import { expect, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';

test('a hundred reloads at once run one after the other, and the last configuration stays', async () => {
  const route = {
    name: 'chat',
    match: { path: '/chat' },
    origins: 'none-required',
    identify: ['visitors'],
    upstream: { url: 'ws://127.0.0.1:9' },
  };
  const running = await startGateway({ config: { routes: [route] } });
  const reports = await Promise.all(Array.from({ length: 100 }, () => running.gateway.reload('signal')));
  const generations = reports.map((report) => report.generation);
  expect(reports.every((report) => report.done)).toBe(true);
  expect(generations).toEqual([...generations].sort((a, b) => a - b));
  expect(running.gateway.plan().generation).toBe(generations.at(-1));
  await running.stop();
});
