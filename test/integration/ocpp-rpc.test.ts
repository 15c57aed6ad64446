import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RPCClient, type RPCError, RPCServer } from 'ocpp-rpc';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RunningGateway, startGateway } from '../support/gateway.ts';

interface Call {
  method: string;
  params: Record<string, unknown>;
}

let http: Server;
let gateway: RunningGateway;
/** The server's end of the newest connection. */
let station: { call(method: string, params: unknown, options?: object): Promise<unknown> };
let client: InstanceType<typeof RPCClient>;
/** Calls and answers that reached the backend. */
const received: unknown[] = [];

const meter = { type: 'string', maxLength: 20 };
const object = (properties: Record<string, unknown>, required: string[] = []) =>
  JSON.stringify({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties,
    required,
    additionalProperties: false,
  });
const FILES = {
  's/BeatRequest.json': object({ meter }, ['meter']),
  's/BeatResponse.json': object({ now: { type: 'string' } }, ['now']),
  's/UnlockRequest.json': object({ door: { type: 'integer', minimum: 1 } }, ['door']),
  's/UnlockResponse.json': object({ status: { enum: ['Unlocked', 'Failed'] } }, ['status']),
  's/ForbiddenRequest.json': object({}),
};

beforeAll(async () => {
  const server = new RPCServer({ protocols: ['ocpp1.6', 'ocpp2.0.1'] });
  server.on('client', (connected) => {
    station = connected;
    connected.on('message', ({ message, outbound }: { message: string; outbound: boolean }) => {
      if (!outbound) received.push(JSON.parse(message));
    });
    connected.handle(({ method, params }: Call) => (method === 'Beat' ? { now: `${params.meter}` } : {}));
  });
  http = await server.listen(0, '127.0.0.1');
  gateway = await startGateway({
    files: FILES,
    config: {
      routes: [
        {
          name: 'meters',
          match: { path: '/ocpp/*' },
          origins: 'none-required',
          identify: ['visitors'],
          protocols: ['ocpp1.6', 'ocpp2.0.1'],
          upstream: { url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}` },
          dialect: { ocpp: {} },
          messages: { schemas: 's/', validate: 'both' },
          authorize: [{ allow: 'message.action != "Forbidden"' }],
        },
      ],
    },
  });
});

afterAll(async () => {
  await gateway.stop();
  http.closeAllConnections();
  http.close();
});

afterEach(async () => {
  await client.close({ force: true });
});

async function connect(protocol: string, answer: (call: Call) => unknown = () => ({})): Promise<void> {
  client = new RPCClient({
    endpoint: `${gateway.url}/ocpp`,
    identity: 'CS-1',
    protocols: [protocol],
    reconnect: false,
    wsOpts: { ca: gateway.ca.cert },
  } as ConstructorParameters<typeof RPCClient>[0]);
  client.handle(answer as never);
  await client.connect();
  received.length = 0;
}

function refusalOf(promise: Promise<unknown>): Promise<RPCError & { details: unknown }> {
  return promise.then(
    () => expect.fail('it was not refused'),
    (error) => error,
  );
}

describe.each([
  ['ocpp1.6', 'OccurenceConstraintViolation', 'FormationViolation'],
  ['ocpp2.0.1', 'OccurrenceConstraintViolation', 'FormatViolation'],
])('%s', (protocol, occurrence, format) => {
  it('lets both sides call and answer', async () => {
    await connect(protocol, ({ params }) => ({ status: params.door === 1 ? 'Unlocked' : 'Failed' }));
    expect(await client.call('Beat', { meter: 'M1' })).toEqual({ now: 'M1' });
    expect(await station.call('Unlock', { door: 1 })).toEqual({ status: 'Unlocked' });
    expect(received).toMatchObject([
      [2, expect.any(String), 'Beat', { meter: 'M1' }],
      [3, expect.any(String), { status: 'Unlocked' }],
    ]);
  });

  it.each([
    ['an unknown action', 'Reboot', {}, 'NotImplemented'],
    ['a missing field', 'Beat', {}, occurrence],
    ['a wrong type', 'Beat', { meter: 5 }, 'TypeConstraintViolation'],
    ['a wrong value', 'Beat', { meter: 'x'.repeat(21) }, 'PropertyConstraintViolation'],
    ['an extra field', 'Beat', { meter: 'M1', x: 1 }, format],
    ['what is forbidden', 'Forbidden', {}, 'SecurityError'],
  ])('refuses %s with an error of the library', async (_, action, payload, code) => {
    await connect(protocol);
    expect(await refusalOf(client.call(action, payload))).toMatchObject({ rpcErrorCode: code });
    expect(received).toEqual([]);
    expect(await client.call('Beat', { meter: 'M1' })).toEqual({ now: 'M1' });
  });

  it('holds the answer of a station against the action that it answers', async () => {
    await connect(protocol, () => ({ status: 'Melted' }));
    const answer = refusalOf(station.call('Unlock', { door: 1 }, { callTimeoutMs: 300 }));
    const refusal = await gateway.logged('message.refused', (line) => line.type === 'Unlock.result');
    expect(refusal).toMatchObject({ code: 'schema_invalid', direction: 'client' });
    expect(await answer).toMatchObject({ name: 'Error' });
    expect(received).toEqual([]);
  });

  it('refuses a call of the backend that breaks its schema', async () => {
    let asked = 0;
    await connect(protocol, () => ({ status: ++asked ? 'Unlocked' : 'Failed' }));
    expect(await refusalOf(station.call('Unlock', { door: 0 }))).toMatchObject({
      rpcErrorCode: 'PropertyConstraintViolation',
    });
    expect(asked).toBe(0);
  });

  it('refuses an answer to no call', async () => {
    await connect(protocol);
    client.sendRaw('[3,"nobody-asked",{"status":"Unlocked"}]');
    await gateway.logged('message.refused', (line) => line.reason === 'an answer to no call');
    expect(await client.call('Beat', { meter: 'M1' })).toEqual({ now: 'M1' });
    expect(received).toHaveLength(1);
  });
});
