import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { Budget } from '../budget.ts';
import { close, encodeFrames, type FrameSpec, ping, text } from './frames.ts';
import { isOver, OpenSocket, outcomeText } from './socket.ts';
import { Wire } from './wire.ts';

/** A socket whose other end says this; what is sent to it is collected. */
function socketThatHears(...specs: readonly FrameSpec[]): {
  socket: OpenSocket;
  sent: Buffer[];
  stream: Duplex;
} {
  const sent: Buffer[] = [];
  const stream = new Duplex({
    read: () => {},
    write(chunk: Buffer, _encoding, done) {
      sent.push(chunk);
      done();
    },
  });
  const socket = new OpenSocket(new Wire(stream, stream as unknown as Socket, new Budget()));
  for (const spec of specs) stream.push(encodeFrames([{ ...spec, unmasked: true }]));
  return { socket, sent, stream };
}

it('says that a server closed, and with what', async () => {
  const { socket } = socketThatHears(text('a'), close(1002, 'no'));
  const outcome = await socket.outcome(1_000, 'watch');
  expect(outcome).toMatchObject({ kind: 'closed', code: 1002 });
  expect([isOver(outcome), outcomeText(outcome)]).toEqual([true, 'closed with 1002']);
});

it('says that it dropped the connection, or does nothing', async () => {
  const { socket, stream } = socketThatHears();
  expect(await socket.outcome(1, 'watch')).toMatchObject({ kind: 'silent' });
  stream.push(null);
  expect(await socket.outcome(1_000, 'watch')).toMatchObject({ kind: 'dropped' });
});

it('answers Pings if it is told to', async () => {
  const { socket, sent } = socketThatHears(ping('here'));
  socket.answersPing = true;
  await socket.until(({ frames }) => frames.length > 0 || undefined, 1_000);
  expect(sent[0]?.subarray(0, 2)).toEqual(Buffer.from([0x8a, 0x84]));
});

it('remembers the newest of many frames, and the beginning of long ones', async () => {
  const { socket, stream } = socketThatHears(text(Buffer.alloc(100_000, 1)));
  await socket.until(({ frames }) => frames.length > 0 || undefined, 1_000);
  expect(socket.frames[0]?.payload).toHaveLength(1_024);
  const many = encodeFrames(Array.from({ length: 30_000 }, () => text('', { unmasked: true })));
  stream.push(Buffer.concat([many, encodeFrames([{ ...close(1000), unmasked: true }])]));
  expect(await socket.outcome(1_000, 'watch')).toMatchObject({ kind: 'closed', code: 1000 });
  expect(socket.frames.length).toBeLessThanOrEqual(20_000);
});
