// RS-04: a session is claimed when its window has passed, or its gateway has ended: the client is told, and begins anew.
import { afterEach, describe, expect, it } from 'vitest';
import { Chat } from '../support/chat.ts';
import { keeping, lose, resumingAs } from '../support/resuming.ts';

let chat: Chat;

afterEach(() => chat.close());

describe('a session that is claimed too late', () => {
  it('has ended with its window, at the upstream too', async () => {
    chat = await Chat.open(keeping({ window: '1s' }));
    const client = await resumingAs(chat);
    expect(client.welcomes).toMatchObject([{ window: 1_000 }]);
    await lose(chat, client);
    const closed = await chat.gateway.logged('session.closed');
    expect(closed).toMatchObject({ initiator: 'client', close: 1006, reason: 'not resumed' });
    expect(await chat.upstream.peers[0]!.closed()).toMatchObject({ code: 1001 });

    client.comeBack();
    await client.until(({ welcomes }) => welcomes.length === 2);
    expect(client.welcomes[1]).toMatchObject({ resumed: false, reason: 'unknown', seen: 0, next: 1 });
    expect(chat.named('session.resume_refused')).toMatchObject([{ reason: 'unknown' }]);
    expect(chat.upstream.peers.length).toBe(2);
  });

  it('was of a gateway that is not there any more', async () => {
    chat = await Chat.open(keeping());
    const before = await resumingAs(chat);
    before.leave();
    await chat.close();
    chat = await Chat.open(keeping());
    const offers = [`sallyport.resume.${before.token}.${before.seen}`];
    const client = await resumingAs(chat, {}, { offers });
    expect(client.welcomes).toMatchObject([{ resumed: false, reason: 'lost' }]);
  });
});
