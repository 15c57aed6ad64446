import { afterEach, describe, expect, it } from 'vitest';
import { Chat, echoes } from '../support/chat.ts';
import { text } from '../support/raw-frames.ts';
import type { RawPeer } from '../support/raw-peer.ts';

let chat: Chat;

afterEach(() => chat.close());

const usage = async (query = '') => (await chat.ask('GET', `/usage${query}`)).json().usage;

describe('what a holder uses', () => {
  it('is measured while the connection is open and when it has ended', async () => {
    chat = await Chat.open({ config: { usage: {} } });
    const peer = await chat.join({ sub: 'ada', org: 'acme' });
    await echoes(peer, 'four');
    await echoes(peer, 'seven..');
    peer.destroy();
    await chat.gateway.logged('session.closed');
    await (await chat.join({ sub: 'bob', org: 'acme' })).destroy();
    await chat.gateway.logged('session.closed', ({ subject }) => subject === 'bob');
    expect(await usage('?tenant=acme')).toMatchObject([
      {
        route: 'chat',
        tenant: 'acme',
        subject: 'ada',
        received: 2,
        sent: 2,
        receivedBytes: 11,
        sentBytes: 11,
      },
      { subject: 'bob', received: 0 },
    ]);
    const lines = (await chat.ask('GET', '/usage?format=csv&subject=ada')).text.split('\r\n');
    expect(lines).toHaveLength(3);
  });

  it('is kept over a restart', async () => {
    chat = await Chat.open({ config: { usage: {}, state: { directory: 'data' } } });
    await echoes(await chat.join({ sub: 'ada' }));
    await chat.gateway.gateway.close();
    const { createGateway } = await import('../../src/gateway.ts');
    const next = await createGateway(`${chat.gateway.folder}/sallyport.yaml`, {
      watch: false,
      record: { destination: { write: () => {} } },
    });
    try {
      const day = new Date().toISOString().slice(0, 10);
      expect(await next.operator.usage({ from: day, to: day })).toMatchObject([
        { subject: 'ada', received: 1 },
      ]);
    } finally {
      await next.close();
    }
  });

  it('is not measured unless the configuration says so', async () => {
    chat = await Chat.open();
    expect((await chat.ask('GET', '/usage')).status).toBe(409);
  });
});

/** How many of so many messages come back. */
async function returned(peer: RawPeer, count: number): Promise<number> {
  for (let i = 0; i < count; i++) peer.send(text(`"${i}"`));
  let passed = 0;
  let refused = 0;
  while (passed + refused < count) {
    const { payload } = await peer.nextOf('text');
    if (payload.toString().includes('quota_exceeded')) refused++;
    else passed++;
  }
  return passed;
}

describe('a quota', () => {
  const route = {
    limits: { quota: { perSubject: { day: { messages: 40 } } } },
    dialect: { json: { type: '/type', refusal: '{"refused":{code}}' } },
  };

  it('refuses what goes beyond it, and then the holder, and nobody else', async () => {
    chat = await Chat.open({ route });
    const peer = await chat.join({ sub: 'ada' });
    const passed = await returned(peer, 60);
    expect(passed).toBe(40);
    expect(await chat.knock({ sub: 'ada' })).toMatchObject({ status: 429 });
    expect(await chat.knock({ sub: 'bob' })).toBe('in');
    expect(chat.named('upgrade.refused')).toMatchObject([{ guard: 'quota', code: 'quota_exceeded' }]);
  });

  it('that is observed is counted and passes', async () => {
    chat = await Chat.open({ route: { ...route, observe: ['quota'] } });
    expect(await returned(await chat.join({ sub: 'ada' }), 60)).toBe(60);
    expect(chat.named('message.observed').length).toBeGreaterThan(0);
  });
});
