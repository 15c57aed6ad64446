// RS-05: a client has seen more than it was sent, less than it has said before, or what is no number.
import { afterEach, describe, expect, it } from 'vitest';
import { DLE } from '../../src/protocol/session-protocol.ts';
import { Chat } from '../support/chat.ts';
import { claiming, keeping, lose, resumingAs, upstreamSays } from '../support/resuming.ts';

let chat: Chat;

afterEach(() => chat.close());

const COUNTS = [
  '-1',
  '3',
  '9007199254740992',
  '1e999',
  'NaN',
  '"2"',
  '1.5',
  'null',
  '[2]',
  '2,"more":1',
  '1',
];

describe('in an acknowledgement', () => {
  it.each(COUNTS)('%s ends the session', async (count) => {
    chat = await Chat.open(keeping());
    const client = await resumingAs(chat);
    await upstreamSays(chat, 'one', 'two');
    await client.until(({ seen }) => seen === 2);
    client.say(`${DLE}{"type":"ack","seen":${count}}`);
    expect(await client.closed()).toEqual({ code: 4007, reason: 'resume_invalid' });
    expect(await chat.upstream.peers[0]!.closed()).toMatchObject({ code: 1001 });
    expect(chat.named('message.refused')).toMatchObject([{ code: 'resume_invalid' }]);
    expect(await claiming(chat, {}, { token: client.token!, seen: 2 })).toBe('in');
    expect(chat.named('session.resume_refused')).toMatchObject([{ reason: 'unknown' }]);
  });

  it('the same again is no harm, and nothing of it reaches the backend', async () => {
    chat = await Chat.open(keeping());
    const client = await resumingAs(chat);
    for (let i = 0; i < 3; i++) client.say(`${DLE}{"type":"ack","seen":0}`);
    client.send('after them');
    await client.until(({ received }) => received.length === 1);
    expect(chat.upstream.peers[0]!.received.map(({ payload }) => String(payload))).toEqual(['after them']);
  });

  it('too many of them end the session as pings would', async () => {
    chat = await Chat.open(keeping());
    const client = await resumingAs(chat);
    for (let i = 0; i < 40; i++) client.say(`${DLE}{"type":"ack","seen":0}`);
    expect(await client.closed()).toEqual({ code: 1008, reason: 'control_flood' });
  });
});

describe('in a claim', () => {
  it.each(['-1', '3', '9007199254740992', '1e3', 'NaN', '01', '1.5', ''])(
    '%s is refused, and the session stays as it was',
    async (seen) => {
      chat = await Chat.open(keeping());
      const client = await resumingAs(chat);
      await lose(chat, client);
      await upstreamSays(chat, 'one', 'two');
      expect(await claiming(chat, {}, { token: client.token!, seen })).toMatchObject({ status: 400 });
      expect(chat.named('upgrade.refused')).toMatchObject([{ code: 'resume_invalid' }]);
      client.comeBack();
      await client.until(({ seen }) => seen === 2);
      expect(client.welcomes[1]).toMatchObject({ resumed: true, next: 1 });
    },
  );
});
