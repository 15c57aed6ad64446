// The tables held against a peer that many trust: where ws and a table differ, the table says why.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { openRaw } from '../support/raw-client.ts';
import { BOUNDS, type Bounds, type Case } from './case.ts';
import { converse, verify } from './converse.ts';
import { DEFLATE_TABLE, TABLES } from './tables.ts';

const servers = {} as Record<Bounds, WebSocketServer>;

beforeAll(async () => {
  for (const bounds of Object.keys(BOUNDS) as Bounds[]) {
    const { maxBytes: maxPayload, maxFragments } = BOUNDS[bounds];
    const perMessageDeflate = { threshold: 0 };
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      maxPayload,
      maxFragments,
      perMessageDeflate,
    });
    server.on('connection', (socket) => {
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary, compress: false }));
      socket.on('error', () => {}); // the verdict is read from the wire
    });
    await once(server, 'listening');
    servers[bounds] = server;
  }
});

afterAll(() => {
  for (const server of Object.values(servers)) server.close();
});

async function run(one: Case): Promise<void> {
  const { port } = servers[one.bounds ?? 'narrow'].address() as AddressInfo;
  const held: Case = { ...one, expect: { ...one.expect, ...one.ws?.expect } };
  const headers = one.offer ? { 'Sec-WebSocket-Extensions': one.offer } : {};
  const { peer } = await openRaw({ port, headers });
  verify(await converse(peer, held), held);
}

describe.each(Object.entries({ ...TABLES, deflate: DEFLATE_TABLE }))('ws: %s', (_, cases) => {
  it.each(cases.map((one) => [`${one.rfc} ${one.name}`, one] as const))('%s', (_name, one) => run(one));
});
