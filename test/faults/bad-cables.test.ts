// UP-03 UP-04 UP-05 UP-07 BP-02 BP-03 RS-07 OP-08
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Chat } from '../support/chat.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { Ledger, sdkClient, Talker } from '../support/numbered.ts';
import type { Direction, Toxics } from '../support/toxics.ts';

// A cable on either side of the gateway goes bad while somebody talks, and what becomes of what was said.

type Side = 'client' | 'upstream';

let ledger: Ledger;
let chat: Chat;
let cables: Readonly<Record<Side, FaultProxy>>;

beforeEach(async () => {
  ledger = await Ledger.listen();
  const upstream = await FaultProxy.listen(Number(new URL(ledger.url).port), { seed: 11 });
  chat = await Chat.open({
    route: {
      identify: ['visitors'],
      upstream: { url: `ws://127.0.0.1:${upstream.port}`, connectTimeout: '1s', handshakeTimeout: '1s' },
      dialect: { raw: { frames: 'both' } },
      resume: { window: '20s' },
      lifetime: { heartbeat: '1s', slowConsumer: '2s', closeTimeout: '1s' },
    },
  });
  cables = { client: await FaultProxy.listen(chat.gateway.port, { seed: 12 }), upstream };
});

afterEach(async () => {
  await chat.close();
  for (const cable of Object.values(cables)) await cable.close();
  ledger.close();
});

/** A client that sends a message every few milliseconds, and has had ten answers. */
async function talking(): Promise<{ talker: Talker; answers: Set<string>; resumed: boolean[] }> {
  const client = sdkClient(`wss://localhost:${cables.client.port}/chat`, chat.ca.cert);
  const answers = new Set<string>();
  const resumed: boolean[] = [];
  client.addEventListener('message', ({ data }) => {
    if (answers.has(String(data))) throw new Error(`${data} came twice`);
    answers.add(String(data));
  });
  client.addEventListener('open', (event) => resumed.push(event.resumed));
  const talker = new Talker('c', client, 5);
  await vi.waitFor(() => expect(answers.size).toBeGreaterThan(10), { timeout: 10_000 });
  return { talker, answers, resumed };
}

describe.each(['client', 'upstream'] as const)('costs nothing but time, on the side of the %s', (side) => {
  it.each<[string, Toxics]>([
    ['late and uneven', { latency: { delay: 150, jitter: 140 } }],
    ['narrow', { bandwidth: 4_000 }],
    ['cut into single bytes and crumbs', { slicer: { size: 3, variation: 2 } }],
    // TCP has put packets in order, and sent again those that were lost, before anybody reads: this is what is left of it.
    [
      'lossy: late by the time of a retransmission, or not, and in packets',
      { latency: { delay: 300, jitter: 300 }, slicer: { size: 60, variation: 30 } },
    ],
  ])('%s, in either direction', async (_name, toxics) => {
    const { talker, answers, resumed } = await talking();
    for (const direction of ['upstream', 'downstream'] as const) {
      cables[side].infect(direction, toxics);
      const before = talker.sent;
      await vi.waitFor(() => expect(talker.sent).toBeGreaterThan(before + 50), { timeout: 10_000 });
      cables[side].heal();
    }
    expect(await talker.finish(ledger, 10_000)).toBe(0);
    expect([ledger.distinct('c'), ledger.repeated('c')]).toEqual([talker.sent, 0]);
    expect(answers.size).toBe(talker.sent);
    expect(resumed).toEqual([false]); // one connection, all the time
  });
});

describe('at the client costs a connection and no message', () => {
  it.each<[string, Direction, Toxics]>([
    ['reset after so many bytes, upstream', 'upstream', { resetPeer: 5_000 }],
    ['reset after so many bytes, downstream', 'downstream', { resetPeer: 8_000 }],
    ['ended after so many bytes, upstream', 'upstream', { limitData: 5_000 }],
    ['ended after so many bytes, downstream', 'downstream', { limitData: 8_000 }],
  ])('%s', async (_name, direction, toxics) => {
    cables.client.infect(direction, toxics);
    const { talker, answers, resumed } = await talking();
    await vi.waitFor(() => expect(resumed.length).toBeGreaterThan(2), { timeout: 10_000 });
    cables.client.heal();
    expect(await talker.finish(ledger, 10_000)).toBe(0);
    expect([ledger.distinct('c'), ledger.repeated('c')]).toEqual([talker.sent, 0]);
    expect(answers.size).toBe(talker.sent);
    expect(resumed.slice(1)).not.toContain(false); // the same session each time
    expect(chat.named('session.opened')).toHaveLength(1);
  });

  it('a black hole: found by the heartbeat, and what was said into it is said again', async () => {
    const { talker, answers, resumed } = await talking();
    cables.client.partition();
    await chat.gateway.logged('session.parked');
    // As if the path had changed: the old connection is never heard of again.
    cables.client.cut();
    cables.client.heal();
    await vi.waitFor(() => expect(resumed).toEqual([false, true]), { timeout: 10_000 });
    expect(await talker.finish(ledger, 10_000)).toBe(0);
    expect([ledger.distinct('c'), ledger.repeated('c')]).toEqual([talker.sent, 0]);
    expect(answers.size).toBe(talker.sent);
  });
});

describe('at the backend ends the session, and the client is told', () => {
  it.each<[string, Toxics, Direction]>([
    ['reset', { resetPeer: 0 }, 'downstream'],
    ['ended', { limitData: 0 }, 'downstream'],
    ['a black hole', { timeout: 0 }, 'downstream'],
    ['a black hole the other way', { timeout: 0 }, 'upstream'],
  ])('%s', async (_name, toxics, direction) => {
    const { talker, resumed } = await talking();
    const codes: (number | undefined)[] = [];
    talker.client.addEventListener('state', ({ from, code }) => from === 'open' && codes.push(code));
    const arrived = ledger.distinct('c');
    cables.upstream.infect(direction, toxics);
    await vi.waitFor(() => expect(codes.length).toBeGreaterThan(0), { timeout: 10_000 });
    expect(codes[0]).toBe(1014);
    const told = talker.sent;
    cables.upstream.cut();
    cables.upstream.heal();
    await vi.waitFor(() => expect(resumed.length).toBeGreaterThan(1), { timeout: 15_000 });
    expect(resumed[1]).toBe(false); // it can load anew what it may have missed
    // What was acknowledged, and on its way when the cable went, may be lost: before the fault and after the news, nothing.
    expect(await talker.finish(ledger, 1_000)).toBe(0);
    const lost = Array.from({ length: talker.sent }, (_, i) => i).filter(
      (number) => !ledger.has('c', number),
    );
    expect(lost.filter((number) => number < arrived || number >= told)).toEqual([]);
  });

  it('a backend that takes its time to close keeps nobody: the gateway closes by its own deadline', async () => {
    const { talker } = await talking();
    for (const direction of ['upstream', 'downstream'] as const)
      cables.upstream.infect(direction, { slowClose: 60_000 });
    const begun = performance.now();
    await talker.finish(ledger, 5_000);
    await chat.gateway.logged('session.closed');
    expect(performance.now() - begun).toBeLessThan(10_000);
    await vi.waitFor(() => expect(cables.client.open).toBe(0), { timeout: 5_000 });
  });
});
