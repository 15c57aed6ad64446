import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOUNDS, type Case } from '../conformance/case.ts';
import { converse, expectSame, messagesOf, verify } from '../conformance/converse.ts';
import { Bench } from './bench.ts';
import { encodeAll } from './raw-frames.ts';
import type { RawPeer } from './raw-peer.ts';

/**
 * Plays each case against a running gateway in front of an echoing upstream, in one piece and in small ones, and
 * checks what has to hold after every attack: the client is told the right code, nothing of the bad frame reached
 * the upstream, the upstream was closed with a code that may stand on the wire, it was recorded once, and the next
 * client is served.
 */
export function frameAttack(title: string, cases: readonly Case[]): void {
  describe(title, () => {
    let bench: Bench;

    beforeAll(async () => {
      bench = await Bench.open({
        messages: { ...BOUNDS.narrow, compression: 'inflate' },
        upstream: { echo: true },
      });
    });

    afterAll(() => bench.close());

    it.each(
      cases.flatMap((one) => [one, inPieces(one)]).map((one) => [`${one.rfc} ${one.name}`, one] as const),
    )('%s', async (_name, one) => {
      const { client, upstream } = await bench.pair({ offer: one.offer });
      verify(await converse(client, one), one);
      await upstream.closed();
      if (one.expect.end.how !== 'open') expectSame(messagesOf(upstream), one.expect.messages);
      expectWireCode(upstream);
      await bench.recordedOnce();
      await bench.stillServes();
    });
  });
}

/** In single bytes; a long stream, which would be as many TLS records, in pieces that fit no frame. */
function inPieces(one: Case): Case {
  const pieces = encodeAll(one.send, true).length > 4_096 ? 997 : 1;
  return { ...one, pieces, name: `${one.name}, in pieces of ${pieces}` };
}

/** A Close goes upstream, and its code, if it has one, is no code that only an API may show (RFC 6455 §7.4.1). */
function expectWireCode(upstream: RawPeer): void {
  const [close, ...more] = upstream.received.filter(({ kind }) => kind === 'close');
  expect(more).toEqual([]);
  expect([0, 1005, 1006, 1015]).not.toContain(close!.payload.length === 0 ? undefined : close!.code);
}
