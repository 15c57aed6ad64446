import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXIT } from '../../src/cli/exit.ts';
import { run } from '../../src/cli/run.ts';
import { isLoaded, loadConfig } from '../../src/config/load.ts';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { testIo } from '../support/io.ts';

// examples/sallyport.example.yaml loads as it stands, given the files it names.

const EXAMPLE = path.resolve(import.meta.dirname, '../../examples/sallyport.example.yaml');
const ENVIRONMENT = { SALLYPORT_ADMIN_TOKEN: '0123456789abcdef' };
let folder: string;
let file: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sallyport-example-'));
  file = path.join(folder, 'sallyport.yaml');
  copyFileSync(EXAMPLE, file);
  const ca = await createDevelopmentCa();
  const devices = await createDevelopmentCa('Devices');
  const { cert, key } = await ca.issue({ dns: ['ws.example.com'] });
  put('certs/fullchain.pem', cert);
  put('certs/privkey.pem', key);
  put('certs/devices-ca.pem', devices.cert);
  put('certs/devices.crl', await devices.revoke([]));
  put('schemas/chat.asyncapi.yaml', CHAT);
  put(
    'schemas/ocpp-2.0.1/HeartbeatRequest.json',
    JSON.stringify({ type: 'object', additionalProperties: false }),
  );
  put(
    'schemas/ocpp-2.0.1/HeartbeatResponse.json',
    JSON.stringify({
      type: 'object',
      required: ['currentTime'],
      properties: { currentTime: { type: 'string' } },
    }),
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

function put(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text, { mode: 0o600 });
}

const CHAT = `
asyncapi: 3.0.0
info: { title: Chat, version: 1.0.0 }
channels:
  chat:
    address: /chat
    messages:
      send:
        payload:
          type: object
          required: [type, id, room, text]
          properties:
            type: { const: chat.send }
            id: { type: string }
            room: { type: string }
            text: { type: string, maxLength: 500 }
          additionalProperties: false
      ping:
        payload:
          type: object
          required: [type]
          properties: { type: { const: chat.ping } }
          additionalProperties: false
operations:
  send: { action: receive, channel: { $ref: '#/channels/chat' } }
`;

test('check has nothing to say', async () => {
  const io = testIo({ environment: ENVIRONMENT });
  const exit = await run(['check', file], io);
  expect(io.errors).toEqual([]);
  expect(EXIT[exit].code).toBe(0);
});

test('units, defaults and the environment are read', () => {
  const loaded = loadConfig(file, ENVIRONMENT);
  if (!isLoaded(loaded)) throw new Error('it does not load');
  const { admin, listeners, routes } = loaded.config;
  expect(admin?.token).toBe(ENVIRONMENT.SALLYPORT_ADMIN_TOKEN);
  expect(listeners.public?.limits.handshakeTimeout).toBe(10_000);
  expect(routes.map(({ name }) => name)).toEqual(['chat', 'meters']);
  expect(routes[0]?.lifetime).toEqual({
    idle: 120_000,
    maximum: 43_200_000,
    heartbeat: 25_000,
    refreshGrace: 25_000,
    slowConsumer: 10_000,
    closeTimeout: 5_000,
  });
});

const ANA = JSON.stringify({ subject: 'ana', tenant: 'acme', roles: ['user'], claims: { rooms: ['lobby'] } });
const ASK = [
  'explain',
  'wss://ws.example.com/chat',
  '--origin',
  'https://app.example.com',
  '--principal',
  ANA,
];

async function explained(message: object) {
  const io = testIo({ environment: ENVIRONMENT });
  const exit = await run([...ASK, '-c', file, '--json', '--message', JSON.stringify(message)], io);
  expect(io.errors).toEqual([]);
  return { exit, answer: JSON.parse(io.output.join('\n')) };
}

test('explain: a message that the rules allow', async () => {
  const message = { type: 'chat.send', id: '1', room: 'lobby', text: 'hi' };
  const { exit, answer } = await explained(message);
  expect(answer.upgrade.upstream.headers).toContain('X-Subject: ana');
  expect(answer.upgrade.upstream.headers).toContain('Sec-WebSocket-Protocol: chat.v1');
  expect(answer.upgrade.upstream.target).toBe('/socket');
  expect(JSON.parse(answer.message.forwarded)).toEqual(message);
  expect(exit).toBe('done');
});

test('explain: a room that is not theirs', async () => {
  const { exit, answer } = await explained({ type: 'chat.send', id: '1', room: 'board', text: 'hi' });
  expect(answer.message.refusal).toMatchObject({ by: 'authorize', code: 'not_authorized', action: 'answer' });
  expect(JSON.parse(answer.message.refusal.answer)).toMatchObject({
    type: 'error',
    re: '1',
    code: 'not_authorized',
  });
  expect(answer.message.forwarded).toBeUndefined();
  expect(exit).toBe('refused');
});

test('explain: a message without a schema', async () => {
  const { answer } = await explained({ type: 'chat.shout', id: '1' });
  expect(answer.message.refusal).toMatchObject({ by: 'schema', code: 'type_unknown' });
});
