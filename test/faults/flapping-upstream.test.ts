// UP-09
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Chat, echoes } from '../support/chat.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import type { UpgradeRefused } from '../support/raw-client.ts';
import { ANSWERS, RawServer } from '../support/raw-server.ts';

let backend: RawServer;
let cable: FaultProxy;
let chat: Chat;

beforeEach(async () => {
  backend = await RawServer.listen({ echo: true });
  cable = await FaultProxy.listen(backend.port);
  const url = `ws://127.0.0.1:${cable.port}`;
  const steady = { name: 'steady', match: { path: '/steady' }, upstream: { url: backend.url } };
  chat = await Chat.open({ route: { upstream: { url } }, routes: [steady] });
});

afterEach(async () => {
  await chat.close();
  await cable.close();
  await backend.close();
});

const statuses = async (count: number): Promise<(number | 'in')[]> => {
  const seen: (number | 'in')[] = [];
  for (let i = 0; i < count; i++) {
    const answer = await chat.knock();
    seen.push(answer === 'in' ? 'in' : answer.status);
  }
  return seen;
};

it('an upstream that is away is left alone, told of, and found again; other routes do not notice', async () => {
  const steady = await chat.join({}, { path: '/steady' });
  await cable.down();
  expect(await statuses(5)).toEqual([502, 502, 502, 502, 502]);
  // Every now and then one tries again.
  await vi.waitFor(async () => expect(await statuses(1)).toEqual([503]), { timeout: 8_000, interval: 1 });
  expect(chat.named('upstream.lost')).toMatchObject([{ route: 'chat', failures: 5, error: 'ECONNREFUSED' }]);
  expect(await chat.check('upstreams')).toMatchObject({
    healthy: false,
    reason: expect.stringContaining('chat: 127.0.0.1'),
  });
  expect((await chat.ask('GET', '/health/ready')).status).toBe(200);
  expect(await chat.metric('sallyport_upstream_changes_total', { route: 'chat', outcome: 'lost' })).toBe(1);
  await echoes(steady);
  expect(await chat.knock({}, { path: '/steady' })).toBe('in');

  await cable.up();
  await vi.waitFor(async () => expect(await chat.knock()).toBe('in'), { timeout: 8_000, interval: 100 });
  await chat.gateway.logged('upstream.back');
  expect(await chat.check('upstreams')).toMatchObject({ healthy: true });
  expect(await statuses(3)).toEqual(['in', 'in', 'in']);
});

it('one that comes and goes is dialled far less often than it is asked for, and serves when it is there', {
  timeout: 40_000,
}, async () => {
  const begun = performance.now();
  let asked = 0;
  let served = 0;
  // Four seconds, or until the circuit has tried while the upstream was there: when it does is left to chance.
  const goesOn = (): boolean => performance.now() - begun < (served === 0 ? 25_000 : 4_000);
  const refusals: UpgradeRefused[] = [];
  const flapping = (async () => {
    for (let up = false; goesOn(); up = !up) {
      await (up ? cable.up() : cable.down());
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  })();
  while (goesOn()) {
    const answer = await chat.knock();
    asked++;
    if (answer === 'in') served++;
    else refusals.push(answer);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await flapping;
  expect(served).toBeGreaterThan(0);
  const spared = refusals.filter(({ status }) => status === 503);
  expect(spared.length).toBeGreaterThan(0);
  for (const { headers } of spared) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  // Each time it goes away: five failures, then one try each half-open time. Without a circuit each one asked would dial.
  expect(refusals.length - spared.length).toBeLessThan(refusals.length / 2);
  expect(asked).toBe(served + refusals.length);
});

it('what an upstream answers to one client closes the door for nobody', async () => {
  backend.behave({ answer: ANSWERS.reset });
  expect(await statuses(8)).toEqual(Array(8).fill(502));
  backend.behave({ echo: true });
  await echoes(await chat.join());
  expect(chat.named('upstream.lost')).toEqual([]);
});
