import { afterEach, describe, expect, it } from 'vitest';
import { Chat, echoes } from '../support/chat.ts';
import { close } from '../support/raw-frames.ts';

let chat: Chat;

afterEach(() => chat.close());

describe('a session whose upstream', () => {
  it.each([
    ['ends without a Close', 'halfClose'],
    ['is reset', 'reset'],
  ] as const)('%s is told so', async (_name, how) => {
    chat = await Chat.open({ upstream: { echo: true, answersFin: false } });
    const peer = await chat.join();
    const inside = await chat.upstream.next();
    await echoes(peer);
    inside[how]();
    expect(await peer.closed()).toMatchObject({ code: 1014, reason: 'upstream_lost' });
    expect(await chat.gateway.logged('session.closed')).toMatchObject({ initiator: 'upstream', close: 1014 });
  });

  it.each([1004, 1005, 1006, 1015, 999, 1016, 2999, 5000])(
    'closes with %d, which no peer may send, is told of a bad gateway',
    async (code) => {
      chat = await Chat.open({ upstream: { answersClose: false } });
      const peer = await chat.join();
      (await chat.upstream.next()).send(close(code));
      expect(await peer.closed()).toMatchObject({ code: 1014 });
    },
  );

  it('closes without a code gets and gives a Close without one', async () => {
    chat = await Chat.open();
    const peer = await chat.join();
    const inside = await chat.upstream.next();
    inside.send(close());
    const frame = await peer.nextOf('close');
    expect(frame.payload).toHaveLength(0); // 1005 is what an API says of it, and is never written
    expect((await inside.nextOf('close')).payload).toHaveLength(0);
  });
});

it('ends when an operator kicks it by id, subject, tenant or address', async () => {
  chat = await Chat.open();
  const peers = [await chat.join({ sub: 'ada' }), await chat.join({ sub: 'bob', org: 'acme' })];
  const { sessions } = (await chat.ask('GET', '/sessions?subject=ada')).json();
  expect((await chat.ask('DELETE', `/sessions/${sessions[0].id}`)).json()).toEqual({ kicked: 1 });
  expect(await peers[0]!.closed()).toMatchObject({ code: 4501, reason: 'session_kicked' });
  expect((await chat.ask('DELETE', '/sessions?tenant=acme')).json()).toEqual({ kicked: 1 });
  expect(await peers[1]!.closed()).toMatchObject({ code: 4501 });
  const last = await chat.join({ sub: 'eve' });
  expect((await chat.ask('DELETE', '/sessions?address=127.0.0.1')).json()).toEqual({ kicked: 1 });
  expect(await last.closed()).toMatchObject({ code: 4501 });
  expect(await chat.knock({ sub: 'eve' })).toBe('in'); // a kick is no revocation
});
