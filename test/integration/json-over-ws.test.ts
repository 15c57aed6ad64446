import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Backend } from '../support/backend.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';

let backend: Backend;
let gateway: RunningGateway;

const ASYNCAPI = `
asyncapi: 3.0.0
info: { title: Chat, version: 1.0.0 }
channels:
  room:
    messages:
      send:
        payload:
          type: object
          required: [type, id, room]
          properties: { type: { const: chat.send }, id: { type: integer }, room: { type: string } }
          additionalProperties: false
operations:
  send: { action: receive, channel: { $ref: '#/channels/room' } }
`;

beforeAll(async () => {
  backend = await Backend.listen('chat.v1', 'chat.v2');
  backend.server.on('connection', (socket: WebSocket) => {
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  gateway = await startGateway({
    files: { 'chat.yaml': ASYNCAPI },
    config: {
      routes: [
        {
          name: 'chat',
          match: { path: '/chat' },
          origins: 'none-required',
          identify: ['visitors'],
          protocols: [{ name: 'chat.v1', deprecated: 'use chat.v2' }, 'chat.v2'],
          upstream: { url: backend.url },
          dialect: {
            json: {
              type: '/type',
              id: '/id',
              refusal: '{"type":"error","re":{id},"code":{code},"reason":{reason}}',
              greeting: '{"type":"notice","text":{note}}',
            },
          },
          messages: { schemas: { 'chat.v1': { file: 'chat.yaml' }, 'chat.v2': { file: 'chat.yaml' } } },
          authorize: [{ allow: 'message.room != "staff"' }],
        },
        {
          name: 'raw',
          match: { path: '/raw' },
          origins: 'none-required',
          identify: ['visitors'],
          upstream: { url: backend.url },
          dialect: { raw: { frames: 'binary' } },
        },
      ],
    },
  });
});

afterAll(async () => {
  await gateway.stop();
  await backend.close();
});

async function connect(path: string, protocol?: string): Promise<WebSocket> {
  const socket = new WebSocket(gateway.url + path, protocol ? [protocol] : [], { ca: gateway.ca.cert });
  await once(socket, 'open');
  return socket;
}

async function ask(socket: WebSocket, message: string): Promise<string> {
  socket.send(message);
  const [data] = await once(socket, 'message');
  return data.toString();
}

it('relays what is valid untouched, and answers the rest in the words of the template', async () => {
  const socket = await connect('/chat', 'chat.v2');
  const valid = '{ "type":"chat.send",  "id":1,"room":"lobby" }';
  expect(await ask(socket, valid)).toBe(valid);
  const before = backend.received.length;

  expect(JSON.parse(await ask(socket, '{"type":"chat.send","id":2,"room":5}'))).toEqual({
    type: 'error',
    re: 2,
    code: 'schema_invalid',
    reason: 'invalid message: /room must be string',
  });
  expect(JSON.parse(await ask(socket, '{"type":"chat.send","id":3,"room":"staff"}'))).toEqual({
    type: 'error',
    re: 3,
    code: 'not_authorized',
    reason: 'forbidden',
  });
  expect(JSON.parse(await ask(socket, '{"type":"chat.kick","id":4}'))).toMatchObject({
    code: 'type_unknown',
  });
  expect(JSON.parse(await ask(socket, 'not JSON'))).toMatchObject({ code: 'message_malformed', re: null });
  expect(backend.received.length).toBe(before);
  socket.close();
});

it('tells a client that its version is deprecated', async () => {
  const socket = new WebSocket(`${gateway.url}/chat`, ['chat.v1'], { ca: gateway.ca.cert });
  const [data] = await once(socket, 'message');
  expect(data.toString()).toBe('{"type":"notice","text":"use chat.v2"}');
  await gateway.logged('session.deprecated', (line) => line.protocol === 'chat.v1');
  socket.close();
});

it('closes a raw connection on the frames that it does not take', async () => {
  const socket = await connect('/raw');
  const bytes = Buffer.of(0, 0xff, 1);
  socket.send(bytes);
  expect((await once(socket, 'message'))[0]).toEqual(bytes);
  const before = backend.received.length;

  socket.send('text');
  const [code, reason] = await once(socket, 'close');
  expect([code, reason.toString()]).toEqual([1003, 'message_kind']);
  expect(backend.received.length).toBe(before);
});
