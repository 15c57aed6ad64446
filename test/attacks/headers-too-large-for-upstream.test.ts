// SM-18: what the gateway adds may make a request larger than its upstream takes; that is the upstream's refusal, and no more.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { Chat } from '../support/chat.ts';

it('is a bad gateway to that client, and to nobody else', async () => {
  const small = createServer({ maxHeaderSize: 1_024 });
  small.on('upgrade', (_, socket) => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'));
  small.listen(0, '127.0.0.1');
  await once(small, 'listening');
  const url = `ws://127.0.0.1:${(small.address() as AddressInfo).port}`;
  const chat = await Chat.open({
    routes: [
      { name: 'narrow', match: { path: '/narrow' }, upstream: { url, forward: { subject: 'X-Subject' } } },
    ],
  });
  try {
    const refused = await chat.knock({ sub: 'a'.repeat(1_000) }, { path: '/narrow' });
    expect(refused).toMatchObject({ status: 502 });
    expect(chat.named('upgrade.refused')).toMatchObject([{ code: 'upstream_refused', route: 'narrow' }]);
    expect(chat.named('gateway.fault')).toEqual([]);
    expect(await chat.knock()).toBe('in');
  } finally {
    await chat.close();
    small.close();
  }
});
