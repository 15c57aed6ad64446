import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { DLE } from '../../src/protocol/session-protocol.ts';
import { Backend } from '../support/backend.ts';
import { type Cut, Cutter } from '../support/cutter.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { ResumingClient } from '../support/resuming-client.ts';

// RS-07: the guarantee of PROTOCOL.md, "Resuming": nothing is lost and nothing comes twice, wherever connections break.

let backend: Backend;
let running: RunningGateway;

/** Messages that reached the backend, by upstream connection. */
const arrived = new Map<WebSocket, string[]>();

const HELLO = ['welcome to the backend', `${DLE}{"type":"welcome"}`];
const SAID = ['one', `${DLE}two`, Buffer.from([0, 16, 255]), `${DLE}${DLE}four`, 'é'.repeat(8), 'bye'];
/** What the backend answers to one message. */
const answers = (text: string): string[] =>
  text.endsWith('bye') ? ['bye'] : [`${text} heard`, `${DLE}${text}`];

beforeAll(async () => {
  backend = await Backend.listen('chat');
  backend.server.on('connection', (socket) => {
    const messages: string[] = [];
    arrived.set(socket, messages);
    for (const hello of HELLO) socket.send(hello);
    socket.on('message', (data) => {
      const text = data.toString('latin1');
      messages.push(text);
      for (const answer of answers(text)) socket.send(answer);
      if (text.endsWith('bye')) socket.close(4321, 'all said');
    });
  });
  running = await startGateway({
    config: {
      routes: [
        {
          name: 'chat',
          match: { path: '/' },
          origins: 'none-required',
          identify: ['visitors'],
          protocols: ['chat'],
          upstream: { url: backend.url },
          dialect: { raw: { frames: 'both' } },
          authorize: [{ allow: 'true' }],
          resume: {},
        },
      ],
    },
  });
});

afterAll(async () => {
  await running.stop();
  await backend.close();
});

/** One whole conversation over a cable that is cut as told; fails unless nothing is lost and nothing comes twice. */
async function converse(name: string, ...cuts: Cut[]): Promise<Cutter> {
  const cutter = await Cutter.listen({ port: running.port, ca: running.ca.cert }, ...cuts);
  const client = new ResumingClient({ url: `ws://localhost:${cutter.port}/`, protocol: 'chat' });
  const said = SAID.map((message) => (typeof message === 'string' ? `${name} ${message}` : message));
  for (const message of said) client.send(message);
  expect(await client.closed()).toEqual({ code: 4321, reason: 'all said' });
  cutter.close();
  const latin1 = said.map((message) => Buffer.from(message).toString('latin1'));
  const reached = [...arrived.values()].filter((messages) =>
    messages.some((each) => each.includes(`${name} `)),
  );
  expect(reached).toEqual([latin1]);
  expect(client.received.map(String)).toEqual([...HELLO, ...latin1.flatMap(answers)]);
  return cutter;
}

/** Runs as many at once as a machine with little to spare has use for. */
async function inParallel(tasks: readonly (() => Promise<unknown>)[], width = 12): Promise<void> {
  const left = tasks.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const task of left) await task();
    }),
  );
}

/** A cut behind every byte that the last connection of a conversation carries in this direction, and one behind. */
async function cutsOf(way: keyof Cut, ...before: Cut[]): Promise<Cut[]> {
  const { carried } = await converse(`measured ${way} after ${before.length}`, ...before);
  expect(carried.length).toBe(before.length + 1);
  const all = Array.from({ length: carried.at(-1)![way] + 2 }, (_, bytes) => bytes);
  // A request that is cut is none, wherever; so is a status line. Of these, some stand for all the second time.
  const some = before.length > 0 ? all.filter((bytes) => bytes > HEAD[way] || bytes % 40 === 0) : all;
  return some.map((bytes) => ({ [way]: bytes }));
}

/** Bytes that are certainly still the request, or its answer. */
const HEAD = { up: 300, down: 120 };

/** Some messages have come, and others have not. */
const AMID: Cut = { down: 560 };

describe('a conversation', () => {
  it('is whole without a cut', async () => {
    const { carried } = await converse('whole');
    expect(carried.length).toBe(1);
  });

  it.each(['up', 'down'] as const)(
    'is whole wherever it is cut: %s',
    async (way) => {
      const cuts = await cutsOf(way);
      expect(cuts.length).toBeGreaterThan(700);
      await inParallel(cuts.map((cut, i) => () => converse(`${way} ${i}`, cut)));
    },
    240_000,
  );

  it.each(['up', 'down'] as const)(
    'is whole wherever the connection is cut that resumes it: %s',
    async (way) => {
      const cuts = await cutsOf(way, AMID);
      await inParallel(cuts.map((cut, i) => () => converse(`again ${way} ${i}`, AMID, cut)));
    },
    240_000,
  );

  it('is whole however often it is cut', async () => {
    const often = Array.from({ length: 40 }, (_, i) => ({ up: 350 + 13 * i, down: 460 + 11 * i }));
    await converse('often', ...often);
  });
});
