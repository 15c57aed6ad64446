// OP-02: connections that come and go in every way there is leave nothing behind
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Chat, echoes } from '../support/chat.ts';
import { heapBytes } from '../support/memory.ts';
import { close, text } from '../support/raw-frames.ts';

const ROUND = 8;
const ROUNDS = 3;
/** What a connection may leave in the heap, in bytes: a session that is not let go holds ten times as much. */
const LEFT = 3_000;

vi.setConfig({ testTimeout: 60_000 });

let chat: Chat;
/** Always the same: what is known of tokens is kept for a while. */
let token: { headers: Record<string, string> };

beforeEach(async () => {
  chat = await Chat.open({
    route: { limits: { perSubject: { messages: '1000/s', connections: 100 } } },
    options: { record: { level: 'error' } }, // lines that the test would keep
  });
  token = { headers: { Authorization: `Bearer ${chat.token()}` } };
});
afterEach(() => chat.close());

/** One connection each, from its first byte to its last. */
const LIVES: readonly (() => Promise<unknown>)[] = [
  async () => {
    const peer = await chat.join({}, token);
    await echoes(peer);
    peer.send(close(1_000));
    await peer.closed();
  },
  async () => {
    const peer = await chat.join({}, token);
    peer.send({ ...text('half of a mess'), fin: false });
    peer.destroy();
  },
  async () => {
    const peer = await chat.join({}, token);
    peer.reset();
  },
  () => chat.knock({}, { headers: { Authorization: 'Bearer none' } }),
  () => chat.knock({}, { ...token, path: '/nowhere' }),
  async () => {
    const socket = connect(chat.gateway.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.resetAndDestroy();
  },
  async () => {
    const socket = connectTls({ port: chat.gateway.port, ca: chat.ca.cert, servername: 'localhost' });
    await once(socket, 'secureConnect');
    socket.write('GET /chat HTTP/1.1\r\nHost: loc');
    await pause(1);
    socket.destroy();
  },
];

/** Descriptors and handles that are open, and what the gateway thinks that there is, when all have gone. */
async function left() {
  const { gateway } = chat.gateway;
  await vi.waitFor(
    () => {
      expect(gateway.operator.sessions({}, '', 1).total).toBe(0);
      expect(gateway.services.presence.own()).toEqual([]);
      expect(handles()).toEqual([]);
    },
    { timeout: 5_000 },
  );
  const { peers, requests } = chat.upstream; // the test's own memory
  peers.length = 0;
  requests.length = 0;
  return { descriptors: readdirSync('/proc/self/fd').length, heap: heapBytes() };
}

/** Sockets that are open in this process, ours included. */
const handles = () => process.getActiveResourcesInfo().filter((name) => /^(TCPSocket|TLS)/.test(name));

it.runIf(process.platform === 'linux')('leave no descriptor, no handle, no seat and no memory', async () => {
  const round = async (): Promise<void> => {
    for (let i = 0; i < ROUND; i++) await Promise.all(LIVES.map((live) => live()));
  };
  await round(); // code is compiled, tables have grown
  const before = await left();
  for (let i = 0; i < ROUNDS; i++) await round();
  const after = await left();
  expect(after.descriptors).toBeLessThanOrEqual(before.descriptors);
  expect((after.heap - before.heap) / (ROUNDS * ROUND * LIVES.length)).toBeLessThan(LEFT);
});
