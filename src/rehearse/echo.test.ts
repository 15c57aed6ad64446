import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { encodeClose, encodeFrame, encodeText } from '../protocol/encode.ts';
import { OPCODE } from '../protocol/frames.ts';
import { EchoReader } from './echo.ts';

/** All that was written to a socket: newer versions of Node read one piece at a time. */
function readAll(socket: PassThrough): Buffer {
  const pieces: Buffer[] = [];
  for (let piece = socket.read(); piece !== null; piece = socket.read()) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** What the echo answers to these bytes, which come one at a time. */
function answerTo(...frames: readonly Buffer[]): Buffer {
  const socket = new PassThrough();
  const reader = new EchoReader(socket);
  for (const byte of Buffer.concat(frames)) reader.read(Buffer.from([byte]));
  return readAll(socket);
}

it('sends messages back, also those in fragments, answers a Ping amid them, and a Close', () => {
  const fragment = encodeText('one, ', true);
  fragment[0] = OPCODE.text;
  const rest = encodeFrame(OPCODE.continuation, Buffer.from('two'), true);
  const ping = encodeFrame(OPCODE.ping, Buffer.from('p'), true);
  expect(answerTo(encodeText('', true), fragment, ping, rest, encodeClose(1000, 'bye', true))).toEqual(
    Buffer.concat([
      encodeText('', false),
      encodeFrame(OPCODE.pong, Buffer.from('p'), false),
      encodeText('one, two', false),
      encodeClose(1000, '', false),
    ]),
  );
});

it('reads on in one chunk', () => {
  const socket = new PassThrough();
  new EchoReader(socket).read(Buffer.concat([encodeText('a', true), encodeText('b', true)]));
  expect(readAll(socket)).toEqual(Buffer.concat([encodeText('a', false), encodeText('b', false)]));
});
