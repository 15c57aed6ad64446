// BP-08, BP-09, OP-13: a gateway short of memory or time admits nobody new and serves those it has. It is not ready,
// and it lives.
import { afterEach, expect, it, vi } from 'vitest';
import { Overload } from '../../src/record/overload.ts';
import type { OverloadState } from '../../src/record/overload-states.ts';
import { Chat, echoes } from '../support/chat.ts';

let chat: Chat;

afterEach(async () => {
  vi.restoreAllMocks();
  await chat.close();
});

it.each(['full', 'delayed'] as OverloadState[])('%s', async (state) => {
  chat = await Chat.open();
  const peer = await chat.join();
  const states = vi.spyOn(Overload.prototype, 'states', 'get').mockReturnValue([state]);
  const refused = await chat.knock();
  expect(refused).toMatchObject({ status: 503 });
  if (refused !== 'in') expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await chat.gateway.logged('upgrade.refused')).toMatchObject({ code: 'overloaded' });
  expect(chat.upstream.requests).toHaveLength(1); // nobody was dialled for it
  await echoes(peer);
  expect((await chat.ask('GET', '/health/live')).status).toBe(200);
  expect((await chat.ask('GET', '/health/ready')).status).toBe(503);
  expect(await chat.check('overload')).toMatchObject({ healthy: false, reason: state });
  expect(await chat.metric('sallyport_overload', { state })).toBe(1);
  states.mockRestore();
  expect(await chat.knock()).toBe('in');
  expect((await chat.ask('GET', '/health/ready')).status).toBe(200);
  expect(await chat.metric('sallyport_overload', { state })).toBe(0);
});

it('shrinking, it warns, is ready and admits', async () => {
  chat = await Chat.open();
  vi.spyOn(Overload.prototype, 'states', 'get').mockReturnValue(['shrinking']);
  expect(await chat.knock()).toBe('in');
  expect((await chat.ask('GET', '/health/ready')).status).toBe(200);
  expect(await chat.check('overload')).toMatchObject({ healthy: false, reason: 'shrinking' });
});

it('is delayed when its event loop really is, and recovers', { timeout: 30_000 }, async () => {
  chat = await Chat.open({ config: { overload: { delay: '60ms' } } });
  const block = setInterval(() => {
    for (const until = performance.now() + 150; performance.now() < until; );
  }, 300);
  expect(await chat.gateway.logged('overload.entered')).toMatchObject({ state: 'delayed', limit: 60 });
  expect(await chat.knock()).toMatchObject({ status: 503 });
  clearInterval(block);
  await chat.gateway.logged('overload.left');
  expect(await chat.knock()).toBe('in');
});
