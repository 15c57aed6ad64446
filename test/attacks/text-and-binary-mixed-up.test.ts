// JS-22
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';
import { binary, text } from '../support/raw-frames.ts';

const DIALECTS = {
  json: { json: { type: '/type' } },
  'json-rpc': { 'json-rpc': {} },
  'graphql-transport-ws': { 'graphql-transport-ws': {} },
  ocpp: { ocpp: {} },
};

it.each(Object.entries(DIALECTS))('%s takes no JSON in a binary frame', async (name, dialect) => {
  const pair = new Guarded({ dialect, messages: { onInvalid: 'close' } }).connect();
  pair.client.send(binary('{"type":"chat.ping"}'));
  // graphql-transport-ws has a close code of its own for what is no message
  expect((await pair.client.nextOf('close')).code).toBe(name === 'graphql-transport-ws' ? 4400 : 1003);
  expect(pair.upstream.received.filter(({ kind }) => kind !== 'close')).toEqual([]);
  pair.end();
});

it('a route of text takes no MessagePack, even as text', async () => {
  const pair = new Guarded({ messages: { onInvalid: 'close' } }).connect();
  pair.client.send(text(Buffer.from('\x01\x04type\x09chat.ping')));
  expect((await pair.client.nextOf('close')).code).toBe(1007);
  expect(pair.upstream.received.filter(({ kind }) => kind !== 'close')).toEqual([]);
  pair.end();
});

it.each([
  ['binary', text('hello')],
  ['text', binary('hello')],
])('a raw route of %s takes nothing else', async (frames, frame) => {
  const pair = new Guarded({ dialect: { raw: { frames } } }).connect();
  pair.client.send(frame);
  expect((await pair.client.nextOf('close')).code).toBe(1003);
  expect(pair.upstream.received.filter(({ kind }) => kind !== 'close')).toEqual([]);
  pair.end();
});
