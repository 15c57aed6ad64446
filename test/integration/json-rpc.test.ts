import { once } from 'node:events';
import {
  JSONRPCClient,
  JSONRPCErrorException,
  type JSONRPCResponse,
  JSONRPCServer,
  JSONRPCServerAndClient,
} from 'json-rpc-2.0';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Backend } from '../support/backend.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';

let backend: Backend;
let gateway: RunningGateway;
/** The server's end of the newest connection. */
let server: JSONRPCServerAndClient;
let client: JSONRPCServerAndClient;
let socket: WebSocket;

/** The library's two halves on one socket. */
function speakerOn(socket: WebSocket): JSONRPCServerAndClient {
  const speaker = new JSONRPCServerAndClient(
    new JSONRPCServer({ errorListener() {} }),
    new JSONRPCClient((payload) => socket.send(JSON.stringify(payload))),
  );
  socket.on('message', (data) => void speaker.receiveAndSend(JSON.parse(data.toString())));
  return speaker;
}

const numbers = { type: 'array', items: { type: 'number' }, minItems: 2, maxItems: 2 };
const FILES = {
  's/sum.json': JSON.stringify(numbers),
  's/tick.json': JSON.stringify({
    type: 'object',
    properties: { at: { type: 'number' } },
    additionalProperties: false,
  }),
  's/secret.json': JSON.stringify({ type: 'object' }),
  's/confirm.result.json': JSON.stringify({ type: 'boolean' }),
};

beforeAll(async () => {
  backend = await Backend.listen();
  backend.server.on('connection', (socket: WebSocket) => {
    server = speakerOn(socket);
    server.addMethod('sum', ([a, b]: [number, number]) => a + b);
    server.addMethod('tick', () => undefined);
  });
  gateway = await startGateway({
    files: FILES,
    config: {
      routes: [
        {
          name: 'rpc',
          match: { path: '/rpc' },
          origins: 'none-required',
          identify: ['visitors'],
          upstream: { url: backend.url },
          dialect: { 'json-rpc': { calls: 'both', maxBatch: 4 } },
          messages: { schemas: 's/' },
          authorize: [{ allow: '!has(message.method) || message.method != "secret"' }],
        },
      ],
    },
  });
});

afterAll(async () => {
  await gateway.stop();
  await backend.close();
});

beforeEach(async () => {
  socket = new WebSocket(`${gateway.url}/rpc`, { ca: gateway.ca.cert });
  await once(socket, 'open');
  client = speakerOn(socket);
  backend.received.length = 0;
});

async function errorOf(promise: PromiseLike<unknown>): Promise<JSONRPCErrorException> {
  return Promise.resolve(promise).then(
    () => expect.fail('it was not refused'),
    (error) => error,
  );
}

it('lets both sides call, answer and notify', async () => {
  expect(await client.request('sum', [1, 2])).toBe(3);
  client.notify('tick', { at: 1 });
  expect(await client.request('sum', [3, 4])).toBe(7);
  client.addMethod('confirm', () => true);
  expect(await server.request('confirm', {})).toBe(true);
  expect(backend.received[1]).toBe('{"jsonrpc":"2.0","method":"tick","params":{"at":1}}');
});

it.each([
  ['invalid params', 'sum', [1, 'x'], -32602, 'invalid message: /1 must be number'],
  ['an unknown method', 'product', [1, 2], -32601, 'unknown message type: no schema covers this type'],
  ['what is forbidden', 'secret', {}, -32003, 'forbidden'],
])('refuses %s with an error of the library', async (_, method, params, code, message) => {
  const error = await errorOf(client.request(method, params));
  expect(error).toBeInstanceOf(JSONRPCErrorException);
  expect(error).toMatchObject({ code, message });
  expect(backend.received).toEqual([]);
});

it('lets a batch pass whole or not at all', async () => {
  const call = (id: number, params: unknown[]) => ({ jsonrpc: '2.0' as const, id, method: 'sum', params });
  expect(await client.client.requestAdvanced([call(101, [1, 2]), call(102, [3, 4])])).toMatchObject([
    { id: 101, result: 3 },
    { id: 102, result: 7 },
  ]);
  backend.received.length = 0;
  const answers = (await client.client.requestAdvanced([
    call(103, [1, 2]),
    call(104, ['x', 'y']),
  ])) as JSONRPCResponse[];
  expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
    [103, -32602],
    [104, -32602],
  ]);
  expect(backend.received).toEqual([]);
});

it('drops an invalid notification without a word', async () => {
  client.notify('tick', { at: 'noon' });
  expect(await client.request('sum', [1, 2])).toBe(3);
  expect(backend.received).toHaveLength(1);
});

it('does not let a client answer what was not asked, or wrongly', async () => {
  client.addMethod('confirm', () => 'yes');
  const answered = server.timeout(200).request('confirm', {});
  await gateway.logged('message.refused', (line) => line.type === 'confirm.result');
  socket.send('{"jsonrpc":"2.0","id":999,"result":true}');
  await gateway.logged('message.refused', (line) => line.reason === 'an answer to no call');
  expect((await errorOf(answered)).message).toMatch(/timeout/i);
  expect(backend.received).toEqual([]);
});
