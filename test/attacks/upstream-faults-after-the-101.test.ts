// UP-04, UP-05, UP-07: an upstream that resets, dribbles, does not close or turns to garbage once it is open.
import { afterEach, expect, it } from 'vitest';
import { Chat, echoes } from '../support/chat.ts';
import { close, encode, text } from '../support/raw-frames.ts';
import { ANSWERS } from '../support/raw-server.ts';

let chat: Chat;

afterEach(() => chat.close());

it.each([0, 1, 100])('a reset after %d messages is a bad gateway, not a dead socket', async (count) => {
  chat = await Chat.open();
  const peer = await chat.join();
  const inside = await chat.upstream.next();
  for (let i = 0; i < count; i++) await echoes(peer, `message ${i}`);
  inside.reset();
  expect(await peer.closed()).toMatchObject({ code: 1014, reason: 'upstream_lost', how: 'fin' });
  expect(await chat.knock()).toBe('in');
});

it('an answer and messages in single bytes arrive whole', async () => {
  chat = await Chat.open({
    upstream: {
      answer: (socket, request) => {
        const { write } = socket;
        socket.write = (chunk: string | Uint8Array) => {
          for (const byte of Buffer.from(chunk as string)) write.call(socket, Buffer.from([byte]));
          return true;
        };
        const accepted = ANSWERS.accept(socket, request);
        socket.write = write;
        return accepted;
      },
    },
  });
  const peer = await chat.join();
  const inside = await chat.upstream.next();
  await inside.writeInPieces(encode(text(`déjà vu ${'x'.repeat(300)}`), false), 1);
  expect((await peer.nextOf('text')).payload.toString()).toBe(`déjà vu ${'x'.repeat(300)}`);
});

it('one that neither answers a Close nor goes is cut after the time it has for it', async () => {
  chat = await Chat.open({
    upstream: { echo: true, answersClose: false, answersFin: false },
    route: { lifetime: { closeTimeout: '500ms' } },
  });
  const peer = await chat.join();
  const inside = await chat.upstream.next();
  await echoes(peer);
  peer.send(close(1000));
  expect(await peer.closed()).toMatchObject({ code: 1000 }); // the client does not wait for it
  expect(await inside.nextOf('close')).toMatchObject({ code: 1000 });
  // Both legs are gone when this is said.
  expect(await chat.gateway.logged('session.closed')).toMatchObject({ close: 1000, initiator: 'client' });
});

it.each([
  ['bytes that are no frames', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['a masked frame', encode({ ...text('x'), mask: 'wrong' }, false)],
])('%s behind the 101 are a bad gateway, and nothing of them reaches the client', async (_name, bytes) => {
  chat = await Chat.open();
  const peer = await chat.join();
  (await chat.upstream.next()).write(bytes);
  expect(await peer.closed()).toMatchObject({ code: 1014, reason: 'upstream_invalid' });
  expect(peer.received.map(({ kind }) => kind)).toEqual(['close']);
  expect(await chat.knock()).toBe('in');
});
