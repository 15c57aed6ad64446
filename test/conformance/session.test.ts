// The tables against a session in memory, in both directions, each stream also cut in two at every byte.
import { describe, expect, it } from 'vitest';
import { memoryPair, openRoute } from '../support/memory-session.ts';
import { play } from '../support/play.ts';
import { encode, encodeAll } from '../support/raw-frames.ts';
import type { RawPeer, Received } from '../support/raw-peer.ts';
import { sameVerdict } from '../support/verdict.ts';
import { BOUNDS, type Case } from './case.ts';
import { converse, expectSame, messagesOf, verify } from './converse.ts';
import { DEFLATE_TABLE, TABLES } from './tables.ts';

const routes = { narrow: openRoute(BOUNDS.narrow), wide: openRoute(BOUNDS.wide) };

const named = (cases: readonly Case[]) => cases.map((one) => [`${one.rfc} ${one.name}`, one] as const);

describe.each(Object.entries({ ...TABLES, deflate: DEFLATE_TABLE }))('a client sends: %s', (_, cases) => {
  it.each(named(cases))('%s', async (_name, one) => {
    const { client, upstream } = memoryPair(routes[one.bounds ?? 'narrow'], {
      deflate: one.offer !== undefined,
      upstream: { on: echo },
    });
    verify(await converse(client, one), one);
    // What passed reached the upstream, all of it, and nothing else did.
    const { messages, end } = one.expect;
    const passed = messagesOf(upstream);
    expectSame(end.how === 'open' ? passed.slice(0, messages.length) : passed, messages);
    expect(pingsOf(upstream)).toEqual([]);
    await upstream.closed();
  });
});

describe.each(Object.entries(TABLES))('an upstream sends: %s', (_, cases) => {
  it.each(named(cases))('%s', async (_name, one) => {
    const { client, upstream } = memoryPair(routes[one.bounds ?? 'narrow'], { client: { on: echo } });
    verify(await converse(upstream, one), one);
    expectClient(client, await client.closed(), one);
  });
});

/** UP-08: the client sees the messages that were good, and of the rest only that its gateway has a bad upstream. */
function expectClient(
  client: RawPeer,
  { code }: { code: number },
  { expect: { messages, end } }: Case,
): void {
  const passed = messagesOf(client);
  expectSame(end.how === 'open' ? passed.slice(0, messages.length) : passed, messages);
  expect(client.frames.filter((frame) => frame.rsv !== 0 || frame.masked)).toEqual([]);
  expect(pingsOf(client)).toEqual([]);
  if (end.how === 'failed') expect(code).toBe(1014);
  if (end.how === 'closed') expect(end.codes).toContain(code);
}

function pingsOf(peer: RawPeer): Received[] {
  return peer.received.filter(({ kind }) => kind === 'ping' || kind === 'reserved');
}

function echo({ kind, payload }: Received, peer: RawPeer): void {
  if (kind === 'text' || kind === 'binary') {
    peer.write(encode({ opcode: kind === 'text' ? 1 : 2, payload }, peer.client));
  }
}

/** Long streams are cut at their beginning, their end, and here and there between. */
function cutsOf(length: number): number[] {
  const step = Math.max(1, Math.floor(length / 300));
  return Array.from({ length: Math.ceil(length / step) }, (_, i) => i * step);
}

describe('a stream that is cut in two at every byte', () => {
  const all = Object.values(TABLES).flat();
  const short = [...all, ...DEFLATE_TABLE].filter((one) => !one.pieces && one.bounds !== 'wide');

  it.each(named(short))('%s', (_name, one) => {
    const bytes = encodeAll(one.send, true);
    const deflate = one.offer !== undefined;
    const whole = play([bytes], routes.narrow, 'client', deflate);
    for (const at of cutsOf(bytes.length)) {
      const cut = play([bytes.subarray(0, at), bytes.subarray(at)], routes.narrow, 'client', deflate);
      if (!sameVerdict(cut, whole)) expect(cut, `cut at ${at}`).toEqual(whole);
    }
  });
});
