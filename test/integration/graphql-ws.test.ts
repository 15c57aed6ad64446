import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { GraphQLFormattedError } from 'graphql';
import { type Client, CloseCode, createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type RunningGateway, startGateway } from '../support/gateway.ts';

// The very module that graphql-ws loads: a schema is good only for the copy of the library that made it.
const { GraphQLInt, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, GraphQLString } = createRequire(
  import.meta.url,
)('graphql') as typeof import('graphql');

let http: Server;
let gateway: RunningGateway;
let client: Client;
/** Queries that reached the backend. */
const subscribed: string[] = [];

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: {
      me: { type: GraphQLString, resolve: () => 'ada' },
      secret: { type: GraphQLString, resolve: () => 'x' },
    },
  }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      count: {
        type: GraphQLInt,
        args: { to: { type: new GraphQLNonNull(GraphQLInt) } },
        async *subscribe(_: unknown, { to }: { to: number }) {
          for (let count = 1; count <= to; count++) yield { count };
        },
      },
    },
  }),
});

const PAYLOAD = {
  type: 'object',
  required: ['query'],
  properties: {
    query: { type: 'string' },
    operationName: { type: ['string', 'null'] },
    variables: {
      type: ['object', 'null'],
      properties: { to: { type: 'integer', maximum: 10 } },
      additionalProperties: false,
    },
    extensions: { type: ['object', 'null'] },
  },
  additionalProperties: false,
};

beforeAll(async () => {
  http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const server = new WebSocketServer({ server: http });
  useServer({ schema, onSubscribe: (_, __, { query }) => void subscribed.push(query) }, server);
  gateway = await startGateway({
    files: { 's/subscribe.json': JSON.stringify(PAYLOAD) },
    config: {
      routes: [
        {
          name: 'graphql',
          match: { path: '/graphql' },
          origins: 'none-required',
          identify: ['visitors'],
          protocols: [{ name: 'graphql-transport-ws', deprecated: 'old' }],
          upstream: { url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}` },
          dialect: { 'graphql-transport-ws': {} },
          messages: { schemas: 's/' },
          authorize: [
            { when: 'message.type == "subscribe"', allow: '!("secret" in message.operation.fields)' },
            { when: 'message.type == "connection_init"', allow: '!has(message.payload)' },
            { allow: 'true' },
          ],
        },
      ],
    },
  });
});

afterAll(async () => {
  await gateway.stop();
  http.close();
});

function connect(more: Partial<Parameters<typeof createClient>[0]> = {}): Client {
  class TrustingSocket extends WebSocket {
    constructor(url: string, protocols: string | string[]) {
      super(url, protocols, { ca: gateway.ca.cert });
    }
  }
  return createClient({
    url: `${gateway.url}/graphql`,
    webSocketImpl: TrustingSocket,
    retryAttempts: 0,
    ...more,
  });
}

beforeEach(() => {
  subscribed.length = 0;
  client = connect();
  return () => client.dispose();
});

async function results(query: string, variables?: Record<string, unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { data } of client.iterate({ query, variables: variables ?? null })) found.push(data);
  return found;
}

function errorsOf(
  query: string,
  variables?: Record<string, unknown>,
): Promise<readonly GraphQLFormattedError[]> {
  return results(query, variables).then(
    () => expect.fail('it was not refused'),
    (errors) => errors,
  );
}

it('lets queries and subscriptions pass', async () => {
  expect(await results('{ me }')).toEqual([{ me: 'ada' }]);
  const counted = await results('subscription ($to: Int!) { count(to: $to) }', { to: 3 });
  expect(counted).toEqual([{ count: 1 }, { count: 2 }, { count: 3 }]);
  expect(subscribed).toHaveLength(2);
});

it.each([
  ['what breaks its schema', 'subscription ($to: Int!) { count(to: $to) }', { to: 11 }, 'schema_invalid'],
  [
    'a root field that is forbidden',
    '{ me ...F } fragment F on Query { hidden: secret }',
    undefined,
    'not_authorized',
  ],
  ['introspection', '{ __schema { types { name } } }', undefined, 'json_structure'],
  ['what is no query', 'subscribe to all', undefined, 'message_malformed'],
])('refuses %s with GraphQL errors, and the connection goes on', async (_, query, variables, code) => {
  expect(await errorsOf(query, variables)).toMatchObject([{ extensions: { code } }]);
  expect(subscribed).toEqual([]);
  expect(await results('{ me }')).toEqual([{ me: 'ada' }]);
});

it('refuses a connection_init with the close that the library knows', async () => {
  client = connect({ connectionParams: { token: 'x' } });
  await expect(results('{ me }')).rejects.toMatchObject({ code: CloseCode.Forbidden });
  expect(subscribed).toEqual([]);
});

it('closes on what is no message of the protocol', async () => {
  const socket = new WebSocket(`${gateway.url}/graphql`, ['graphql-transport-ws'], { ca: gateway.ca.cert });
  await once(socket, 'open');
  socket.send('{"type":"start","id":"1"}');
  expect((await once(socket, 'close'))[0]).toBe(CloseCode.BadRequest);
});

it('tells a deprecation with a ping, which the library takes', async () => {
  const told = new Promise((resolve) => {
    client = connect({ on: { ping: (received, payload) => received && resolve(payload) }, lazy: false });
  });
  expect(await told).toEqual({ note: 'old' });
  expect(await results('{ me }')).toEqual([{ me: 'ada' }]);
});
