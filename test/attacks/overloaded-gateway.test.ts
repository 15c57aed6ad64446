// BP-08, BP-09, OP-13: a gateway short of memory or time admits nobody new and serves those it has. It is not ready,
// and it lives.
import { afterEach, expect, it, vi } from 'vitest';
import { GatewayRecord } from '../../src/record/record.ts';
import { Chat, echoes } from '../support/chat.ts';

let chat: Chat;

afterEach(async () => {
  vi.restoreAllMocks();
  await chat.close();
});

it.each(['heap', 'event loop'])('short of %s', async (cause) => {
  chat = await Chat.open();
  const peer = await chat.join();
  const overload = vi.spyOn(GatewayRecord.prototype, 'overload', 'get').mockReturnValue(cause);
  const refused = await chat.knock();
  expect(refused).toMatchObject({ status: 503 });
  if (refused !== 'in') expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await chat.gateway.logged('upgrade.refused')).toMatchObject({ code: 'overloaded' });
  expect(chat.upstream.requests).toHaveLength(1); // nobody was dialled for it
  await echoes(peer);
  expect((await chat.ask('GET', '/health/live')).status).toBe(200);
  expect((await chat.ask('GET', '/health/ready')).status).toBe(503);
  expect(await chat.check('overload')).toMatchObject({ healthy: false, reason: `short of ${cause}` });
  overload.mockRestore();
  expect(await chat.knock()).toBe('in');
  expect((await chat.ask('GET', '/health/ready')).status).toBe(200);
});
