// JS-21

import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Backend } from '../support/backend.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';

const GOOD =
  '{"type":"object","properties":{"type":{},"room":{"type":"string"}},"additionalProperties":false}';

let backend: Backend;
let gateway: RunningGateway;

beforeAll(async () => {
  backend = await Backend.listen();
  backend.server.on('connection', (socket: WebSocket) =>
    socket.on('message', (data) => socket.send(`${data}`)),
  );
  gateway = await startGateway({
    files: { 's/chat.send.json': GOOD },
    config: {
      routes: [
        {
          name: 'chat',
          match: { path: '/chat' },
          origins: 'none-required',
          identify: ['visitors'],
          upstream: { url: backend.url },
          dialect: { json: { type: '/type', refusal: '{"code":{code}}' } },
          messages: { schemas: 's/' },
        },
      ],
    },
  });
});

afterAll(async () => {
  await gateway.stop();
  await backend.close();
});

async function judged(socket: WebSocket, message: string): Promise<string> {
  socket.send(message);
  const [data] = await once(socket, 'message');
  return data.toString();
}

it.each([
  ['that is no JSON', '{"type":'],
  ['that is no schema', '{"type":"objekt"}'],
  ['with a pattern that is not linear', '{"type":"string","pattern":"(?=a)"}'],
  ['that reaches over the network', '{"$ref":"http://127.0.0.1:9/x"}'],
  ['that lets all pass', '{}'],
  ['that lets nothing pass', 'false'],
])('a reload to a schema %s changes nothing, and says so', async (_, broken) => {
  const socket = new WebSocket(`${gateway.url}/chat`, { ca: gateway.ca.cert });
  await once(socket, 'open');
  const failures = () => gateway.log.filter(({ event }) => event === 'gateway.reload_failed');
  const before = failures().length;

  gateway.write('s/chat.send.json', broken);
  expect(await gateway.gateway.reload()).toMatchObject({ done: false });
  expect(failures().slice(before)).toMatchObject([{ file: expect.stringContaining('chat.send.json') }]);
  expect(gateway.gateway.reloadFault).toBeDefined();
  expect(await judged(socket, '{"type":"chat.send","room":"a"}')).toBe('{"type":"chat.send","room":"a"}');
  expect(await judged(socket, '{"type":"chat.send","room":5}')).toBe('{"code":"schema_invalid"}');

  gateway.write('s/chat.send.json', GOOD);
  await gateway.gateway.reload();
  expect(gateway.gateway.reloadFault).toBeUndefined();
  socket.close();
});
