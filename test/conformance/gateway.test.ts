// The tables through a whole gateway: TLS in front, an echoing upstream behind, compression agreed where it is offered.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import type { RawPeer, Received } from '../support/raw-peer.ts';
import { BOUNDS, type Bounds, type Case } from './case.ts';
import { converse, expectSame, messagesOf, verify } from './converse.ts';
import { DEFLATE_TABLE, TABLES } from './tables.ts';

const benches = {} as Record<Bounds, Bench>;

beforeAll(async () => {
  for (const bounds of Object.keys(BOUNDS) as Bounds[]) {
    const messages = { ...BOUNDS[bounds], compression: 'inflate' };
    benches[bounds] = await Bench.open({ messages, upstream: { echo: true } });
  }
});

afterAll(async () => {
  for (const bench of Object.values(benches)) await bench.close();
});

describe.each(Object.entries({ ...TABLES, deflate: DEFLATE_TABLE }))('a client sends: %s', (_, cases) => {
  it.each(cases.map((one) => [`${one.rfc} ${one.name}`, one] as const))('%s', async (_name, one) => {
    const { client, upstream } = await benches[one.bounds ?? 'narrow'].pair({ offer: one.offer });
    verify(await converse(client, one), one);
    await upstream.closed();
    const { messages, end } = one.expect;
    const passed = messagesOf(upstream);
    expectSame(end.how === 'open' ? passed.slice(0, messages.length) : passed, messages);
    expect(upstream.frames.every(({ masked, rsv }) => masked && rsv === 0)).toBe(true);
  });

  it('leaves a gateway that serves the next client', async () => {
    for (const bench of Object.values(benches)) await bench.stillServes();
  });
});

describe('an upstream sends what the tables say', () => {
  let bench: Bench; // whose upstream does not echo what the client echoes

  beforeAll(async () => {
    bench = await Bench.open({ messages: BOUNDS.narrow });
  });

  afterAll(() => bench.close());

  // Every tenth case, for the way through real sockets; the session in memory is held against all of them.
  const some = Object.values(TABLES)
    .flat()
    .filter((one, i) => i % 10 === 0 && !one.pieces && !one.bounds);

  it.each(some.map((one) => [`${one.rfc} ${one.name}`, one] as const))('%s', async (_name, one: Case) => {
    const { client, upstream } = await bench.pair({ on: echo });
    verify(await converse(upstream, one), one);
    const { code } = await client.closed();
    if (one.expect.end.how === 'failed') expect(code).toBe(1014);
    expect(client.frames.every(({ masked, rsv }) => !masked && rsv === 0)).toBe(true);
  });
});

function echo({ kind, payload }: Received, peer: RawPeer): void {
  if (kind === 'text' || kind === 'binary') peer.send({ opcode: kind === 'text' ? 1 : 2, payload });
}
