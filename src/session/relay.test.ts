import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { deflated } from '../../test/support/deflated.ts';
import {
  binary,
  close,
  type FrameSpec,
  more,
  OPEN,
  ping,
  pong,
  text,
} from '../../test/support/raw-frames.ts';
import { arm, fromClient, fromServer, Wired, wordRoute } from '../../test/support/wired-session.ts';
import type { Payload } from '../pipeline/message.ts';
import { PASS, refuse, type Verdict } from '../pipeline/verdict.ts';

const cat = Buffer.concat;

describe('what passes', () => {
  it('leaves as it came, all messages of a chunk in one write', () => {
    const { client, upstream } = new Wired(wordRoute());
    const chunk = fromClient(text('a'), binary('b'), text('c', OPEN), more('d'), text('e'));
    client.hear(chunk);
    expect(upstream.writes).toEqual([chunk]);
  });

  it('leaves a server as it came too', () => {
    const { client, upstream } = new Wired(wordRoute());
    const chunk = fromServer(text('a'), binary(Buffer.alloc(70_000)), text('ü'));
    const wide = new Wired(wordRoute({ frames: { maxBytes: 100_000 } }));
    wide.upstream.hear(chunk);
    expect(wide.client.writes).toEqual([chunk]);
    upstream.hear(fromServer(text('a'), text('b')));
    expect(client.writes.length).toBe(1);
  });

  it('is held until it is whole, and then leaves in one write', () => {
    const { client, upstream, session } = new Wired(wordRoute());
    const chunk = fromClient(text('one', OPEN), more('two', OPEN), more('three'));
    for (let i = 0; i < chunk.length - 1; i++) client.hear(chunk.subarray(i, i + 1));
    expect(upstream.writes).toEqual([]);
    expect(session.fromClient.held).toBe(chunk.length - 1);
    client.hear(chunk.subarray(-1));
    expect(upstream.writes).toEqual([chunk]);
    expect(session.fromClient.held).toBe(0);
  });

  it('is counted by the route and the session', () => {
    const route = wordRoute();
    const { client, upstream, session } = new Wired(route);
    client.hear(fromClient(text('four'), text('x')));
    upstream.hear(fromServer(binary('abc')));
    expect(route.counters.client).toMatchObject({ forwarded: 2, bytes: 5, refused: 0 });
    expect(route.counters.server).toMatchObject({ forwarded: 1, bytes: 3 });
    expect(session.fromClient.messages).toBe(2);
  });
});

describe('a control frame', () => {
  it('is answered on its own leg and goes no further', () => {
    const { client, upstream } = new Wired(wordRoute());
    client.hear(fromClient(text('a'), ping('p'), pong('q'), text('b')));
    expect(upstream.said).toEqual(['text a', 'text b']);
    expect(client.said).toEqual(['pong p']);
    upstream.hear(fromServer(ping('s')));
    expect(upstream.said.at(-1)).toBe('pong s');
    expect(upstream.frames.at(-1)?.masked).toBe(true);
    expect(client.said.length).toBe(1);
  });

  it('is cut out of the message that it interrupts', () => {
    const { client, upstream } = new Wired(wordRoute());
    client.hear(fromClient(text('a', OPEN), ping('1'), more('b', OPEN), ping('2'), more('c')));
    expect(upstream.bytes).toEqual(fromClient(text('a', OPEN), more('b', OPEN), more('c')));
    expect(client.said).toEqual(['pong 1', 'pong 2']);
  });

  it('may not come more often than the route allows', () => {
    const wired = new Wired(wordRoute({ frames: { maxControlRate: 10 } }));
    for (let second = 0; second < 5; second++) {
      for (let i = 0; i < 10; i++) wired.client.hear(fromClient(ping(), text('t')));
      wired.pass(1_000);
    }
    expect(wired.session.ending).toBe(false);
    for (let i = 0; i < 11; i++) wired.client.hear(fromClient(pong()));
    expect(wired.client.said.at(-1)).toBe('close 1008 control_flood');
  });
});

/** Any conversation of one side, and the bytes that must reach the other. */
const conversation = fc
  .array(
    fc.oneof(
      fc.record({
        kind: fc.constant('whole' as const),
        body: fc.string({ unit: 'grapheme', maxLength: 40 }),
      }),
      fc.record({ kind: fc.constant('blob' as const), body: fc.string({ maxLength: 300 }) }),
      fc.record({
        kind: fc.constant('ping' as const),
        body: fc.string({ unit: 'binary-ascii', maxLength: 20 }),
      }),
      fc.record({
        kind: fc.constant('parts' as const),
        parts: fc.array(fc.string({ maxLength: 20 }), { minLength: 2, maxLength: 5 }),
        pings: fc.boolean(),
      }),
    ),
    { maxLength: 12 },
  )
  .map((items) => {
    const specs: FrameSpec[] = [];
    for (const item of items) {
      if (item.kind === 'whole') specs.push(text(item.body));
      else if (item.kind === 'blob') specs.push(binary(item.body));
      else if (item.kind === 'ping') specs.push(ping(item.body));
      else
        item.parts.forEach((part, i) => {
          const fin = i === item.parts.length - 1;
          specs.push(i === 0 ? text(part, OPEN) : more(part, { fin }));
          if (item.pings && !fin) specs.push(ping(`p${i}`));
        });
    }
    return specs;
  });

// UP-05
describe('a stream cut anywhere', () => {
  const cuts = fc.array(fc.nat(4_000), { maxLength: 30 });

  it.each(['judged', 'not judged'])('passes the same bytes and answers the same pings: %s', (how) => {
    const route = how === 'judged' ? wordRoute() : { ...wordRoute(), inspect: { client: [], server: [] } };
    fc.assert(
      fc.property(conversation, cuts, fc.boolean(), (specs, places, byClient) => {
        const { client, upstream } = new Wired(route);
        const [from, to, make] = byClient ? [client, upstream, fromClient] : [upstream, client, fromServer];
        const bytes = make(...specs);
        let at = 0;
        for (const place of [...places.filter((p) => p < bytes.length).sort((a, b) => a - b), bytes.length]) {
          from.hear(bytes.subarray(at, place));
          at = place;
        }
        expect(to.bytes).toEqual(make(...specs.filter(({ opcode }) => opcode < 8)));
        expect(from.said).toEqual(
          specs.filter(({ opcode }) => opcode === 9).map(({ payload }) => `pong ${payload}`.trimEnd()),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('a refused message', () => {
  const noBad = arm({
    onMessage: (message) =>
      message.type === 'bad'
        ? refuse('not_authorized', 'no', (message.body as string).split(' ')[1] as never)
        : PASS,
  });

  it('is answered, and its neighbours pass in order', () => {
    const route = wordRoute({ client: [noBad] });
    const { client, upstream } = new Wired(route);
    client.hear(fromClient(text('one'), text('bad answer'), text('two')));
    expect(upstream.said).toEqual(['text one', 'text two']);
    expect(client.said).toEqual(['text no not_authorized']);
    expect(route.counters.client).toMatchObject({ forwarded: 2, refused: 1 });
    expect(route.counters.client.refusals.get('guard not_authorized')).toEqual({ enforced: 1, observed: 0 });
  });

  it('is dropped without a word', () => {
    const { client, upstream } = new Wired(wordRoute({ client: [noBad] }));
    client.hear(fromClient(text('bad drop'), text('two')));
    expect(upstream.said).toEqual(['text two']);
    expect(client.said).toEqual([]);
  });

  it('ends the connection, behind what passed before it', () => {
    const { client, upstream } = new Wired(wordRoute({ client: [noBad] }));
    client.hear(fromClient(text('one'), text('bad close'), text('two')));
    expect(upstream.said).toEqual(['text one', 'close 1001']);
    expect(client.said).toEqual(['close 4503 not_authorized']);
  });

  it('ends the connection where the dialect has no other way', () => {
    const guard = arm({ onMessage: () => refuse('schema_invalid', 'no', 'answer') });
    const { client, upstream } = new Wired(wordRoute({ client: [guard] }));
    client.hear(fromClient(text('x')));
    expect(client.said).toEqual(['close 1008 schema_invalid']);
    expect(upstream.said).toEqual(['close 1001']);
  });

  it('of many fragments leaves nothing behind', () => {
    const { client, upstream, session } = new Wired(wordRoute({ client: [noBad] }));
    client.hear(fromClient(text('one'), text('b', OPEN)));
    client.hear(fromClient(ping(), more('ad ', OPEN)));
    client.hear(fromClient(more('drop'), text('two')));
    expect(upstream.said).toEqual(['text one', 'text two']);
    expect(session.fromClient.held).toBe(0);
  });

  it('of a server is answered to the server, masked', () => {
    const { client, upstream } = new Wired(wordRoute({ server: [noBad] }));
    upstream.hear(fromServer(text('bad answer'), text('two')));
    expect(client.said).toEqual(['text two']);
    expect(upstream.said).toEqual(['text no not_authorized']);
    expect(upstream.frames[0]?.masked).toBe(true);
  });

  it('of a server that must end tells the client of a bad upstream', () => {
    const { client, upstream } = new Wired(wordRoute({ server: [noBad] }));
    upstream.hear(fromServer(text('bad close')));
    expect(client.said).toEqual(['close 1014 upstream_invalid']);
    expect(upstream.said).toEqual(['close 4503 not_authorized']);
  });
});

describe('bounds', () => {
  const narrow = wordRoute({ frames: { maxBytes: 100, maxFragments: 3 } });

  it('are known from the header, before the body', () => {
    const { client, upstream } = new Wired(narrow);
    client.hear(fromClient(text('x'.repeat(100))));
    client.hear(fromClient(text('x'.repeat(101))).subarray(0, 6));
    expect(client.said).toEqual(['close 1009 message_too_big']);
    expect(upstream.said).toEqual([`text ${'x'.repeat(100)}`, 'close 1001']);
  });

  it('hold for the sum of fragments, and for their number', () => {
    const sum = new Wired(narrow);
    sum.client.hear(fromClient(text('x'.repeat(60), OPEN), more('x'.repeat(40), OPEN)));
    expect(sum.client.said).toEqual([]);
    sum.client.hear(fromClient(more('x')).subarray(0, 6));
    expect(sum.client.said).toEqual(['close 1009 message_too_big']);
    const many = new Wired(narrow);
    many.client.hear(fromClient(text('', OPEN), more('', OPEN), more('', OPEN)));
    expect(many.client.said).toEqual([]);
    many.client.hear(fromClient(more('')));
    expect(many.client.said).toEqual(['close 1008 fragments_exceeded']);
  });

  it('hold for what is kept of an unfinished message', () => {
    const { client, session } = new Wired(wordRoute({ frames: { maxBytes: 65_536, maxFragments: 64 } }));
    client.hear(fromClient(binary(Buffer.alloc(60_000), OPEN)));
    for (let i = 0; i < 62; i++) client.hear(fromClient(more(Buffer.alloc(80), OPEN)));
    expect(session.fromClient.held).toBeGreaterThan(60_000);
    expect(session.fromClient.held).toBeLessThanOrEqual(65_536 + 64 * 14);
    client.hear(fromClient(more('', OPEN)));
    client.hear(fromClient(more('', OPEN)));
    expect(client.said).toEqual(['close 1008 fragments_exceeded']);
    expect(session.fromClient.held).toBe(0);
  });

  it('let an announced length reserve nothing', () => {
    const { client, session } = new Wired(wordRoute({ frames: { maxBytes: 2 ** 30, maxFragments: 1 } }));
    client.hear(Buffer.from('82ff000000003fffffff01020304', 'hex'));
    expect(session.fromClient.held).toBe(14);
  });

  it('end the session once: what follows is only read for its Close', () => {
    const wired = new Wired(narrow);
    const { client, upstream } = wired;
    client.hear(fromClient(text('x'.repeat(101)), text('late'), ping('late')));
    client.hear(fromClient(text('later'), close(1009)));
    expect(client.said).toEqual(['close 1009 message_too_big']);
    expect(upstream.said).toEqual(['close 1001']);
    expect(client.writableEnded).toBe(true);
    expect(wired.named('message.refused').length).toBe(1);
  });
});

describe('text', () => {
  const bad = Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex');

  it.each([
    ['judged', wordRoute({ server: [arm({ onPayload: () => PASS })] })],
    ['not judged', wordRoute()],
  ])('must be UTF-8 in both directions: %s', (_, route) => {
    const a = new Wired(route);
    a.client.hear(fromClient(text(bad)));
    expect(a.client.said).toEqual(['close 1007 text_invalid']);
    expect(a.upstream.said).toEqual(['close 1001']);
    const b = new Wired(route);
    b.upstream.hear(fromServer(text(bad)));
    expect(b.upstream.said).toEqual(['close 1007 text_invalid']);
    expect(b.client.said).toEqual(['close 1014 upstream_invalid']);
  });

  it('may be cut inside a character by its fragments', () => {
    const euro = Buffer.from('€');
    const { client, upstream } = new Wired(wordRoute());
    client.hear(fromClient(text(euro.subarray(0, 1), OPEN), more(euro.subarray(1))));
    upstream.hear(fromServer(text(euro.subarray(0, 2), OPEN), more(euro.subarray(2))));
    expect(cat(upstream.frames.map(({ payload }) => payload)).toString()).toBe('€');
    expect(cat(client.frames.map(({ payload }) => payload)).toString()).toBe('€');
  });

  it('that is binary may be anything', () => {
    const { client, upstream } = new Wired(wordRoute());
    client.hear(fromClient(binary(bad)));
    expect(upstream.frames[0]?.payload).toEqual(bad);
  });
});

describe('a compressed message', () => {
  const open = (options = {}) => new Wired(wordRoute(options), { deflate: true });

  it('is judged and forwarded inflated, in a masked frame of ours', () => {
    const seen: string[] = [];
    const listen = arm({
      onPayload(payload) {
        seen.push(payload.text());
        return PASS;
      },
    });
    const { client, upstream } = open({ client: [listen] });
    client.hear(
      fromClient(text('plain'), text(deflated(Buffer.from('hello '.repeat(50))), { rsv: 4 }), text('after')),
    );
    expect(seen).toEqual(['plain', 'hello '.repeat(50), 'after']);
    expect(upstream.said).toEqual(['text plain', `text ${'hello '.repeat(50)}`.trimEnd(), 'text after']);
    expect(upstream.frames.every(({ masked, rsv }) => masked && rsv === 0)).toBe(true);
  });

  it('is bounded by what it inflates to', () => {
    const { client } = open({ frames: { maxBytes: 1_000 } });
    client.hear(fromClient(text(deflated(Buffer.from('x'.repeat(1_000))), { rsv: 4 })));
    expect(client.said).toEqual([]);
    client.hear(fromClient(text(deflated(Buffer.from('x'.repeat(1_001))), { rsv: 4 })));
    expect(client.said).toEqual(['close 1009 message_too_big']);
  });

  it('may wait for a guard like any other', async () => {
    const { client, upstream } = open({ client: [arm({ onPayload: () => Promise.resolve(PASS) })] });
    client.hear(fromClient(text(deflated(Buffer.from('later')), { rsv: 4 }), text('last')));
    await vi.waitFor(() => expect(upstream.said).toEqual(['text later', 'text last']));
  });
});

describe('a guard that takes its time', () => {
  /** A guard that answers when the test says so, in any order. */
  function slow() {
    const asked: { text: () => string; answer: (verdict: Verdict) => void; fail: (e: Error) => void }[] = [];
    const guard = arm({
      onPayload: (payload: Payload) =>
        new Promise<Verdict>((answer, fail) => asked.push({ text: () => payload.text(), answer, fail })),
    });
    return { asked, guard };
  }

  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('stops its direction, keeps the order, and leaves the other direction alone', async () => {
    const { asked, guard } = slow();
    const quick = arm({ onMessage: ({ type }) => (type === 'no' ? refuse('not_authorized', '') : PASS) });
    const { client, upstream, session } = new Wired(wordRoute({ client: [guard, quick] }));
    client.hear(fromClient(text('one'), text('no'), text('two')));
    client.hear(fromClient(text('three')));
    expect(client.isPaused()).toBe(true);
    upstream.hear(fromServer(text('meanwhile')));
    expect(client.said).toEqual(['text meanwhile']);
    for (const word of ['one', 'no', 'two', 'three']) {
      expect(asked.at(-1)!.text()).toBe(word);
      asked.at(-1)!.answer(PASS);
      await turn();
    }
    expect(asked.length).toBe(4);
    expect(upstream.said).toEqual(['text one', 'text two', 'text three']);
    expect(client.said).toEqual(['text meanwhile', 'text no not_authorized']);
    expect(client.isPaused()).toBe(false);
    expect(session.fromClient.held).toBe(0);
  });

  it('still has its payload when others have been judged', async () => {
    const { asked, guard } = slow();
    const route = wordRoute({ client: [guard], server: [guard] });
    const wireds = Array.from({ length: 5 }, () => new Wired(route));
    wireds.forEach(({ client, upstream }, i) => {
      client.hear(fromClient(text(`client ${i}`)));
      upstream.hear(fromServer(text(`server ${i}`)));
    });
    new Wired(wordRoute()).client.hear(fromClient(text('XXXXXXXXXXXXXXXX')));
    expect(asked.map((one) => one.text())).toEqual(
      [0, 1, 2, 3, 4].flatMap((i) => [`client ${i}`, `server ${i}`]),
    );
    for (const one of asked) one.answer(PASS);
    await turn();
    wireds.forEach(({ client, upstream }, i) => {
      expect(upstream.said).toEqual([`text client ${i}`]);
      expect(client.said).toEqual([`text server ${i}`]);
    });
  });

  it('keeps a copy of what waits behind it, where the chunk is only lent', async () => {
    const guard = arm({ onPayload: () => Promise.resolve(PASS) });
    const { client, upstream } = new Wired(wordRoute({ server: [guard] }));
    upstream.hear(fromServer(text('one'), text('two'), text('three', OPEN)));
    upstream.hear(fromServer(more('!')));
    await vi.waitFor(() => expect(client.said).toEqual(['text one', 'text two', 'text… three', 'more !']));
  });

  it('refuses as a fault of ours when it fails', async () => {
    const { asked, guard } = slow();
    const wired = new Wired(wordRoute({ client: [guard] }));
    wired.client.hear(fromClient(text('x')));
    asked[0]!.fail(new Error('the payload was: x'));
    await vi.waitFor(() => expect(wired.client.said).toEqual(['close 1011 internal']));
    expect(wired.upstream.said).toEqual(['close 1001']);
    expect(JSON.stringify(wired.named('gateway.fault'))).not.toContain('payload was');
  });

  it('refuses as a fault of ours when it never answers', async () => {
    vi.useFakeTimers();
    try {
      const wired = new Wired(wordRoute({ client: [slow().guard] }));
      wired.client.hear(fromClient(text('x')));
      await vi.advanceTimersByTimeAsync(5_000);
      expect(wired.client.said).toEqual(['close 1011 internal']);
      expect(wired.named('gateway.fault').length).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('answers in vain once the session has ended', async () => {
    const { asked, guard } = slow();
    const wired = new Wired(wordRoute({ client: [guard] }));
    wired.client.hear(fromClient(text('one'), text('two'), close(1000)));
    wired.session.end('session_kicked');
    asked[0]!.answer(PASS);
    await turn();
    expect(asked.length).toBe(1);
    expect(wired.upstream.said).toEqual(['close 1001']);
    // The Close that waited behind it is seen all the same.
    expect(wired.session.client.gotClose).toBe(true);
  });

  it('answers in vain once the credential has run out', async () => {
    const { asked, guard } = slow();
    const clock = new Wired(wordRoute()).clock;
    const wired = new Wired(
      wordRoute({ client: [guard] }),
      { principal: { identity: 'i', subject: 's', roles: [], claims: {}, expiresAt: clock.wall + 1_000 } },
      { clock },
    );
    wired.client.hear(fromClient(text('one')));
    clock.pass(1_000);
    asked[0]!.answer(PASS);
    await turn();
    expect(wired.upstream.said).toEqual(['close 1001']);
    expect(wired.client.said).toEqual(['close 3000 session_expired']);
  });
});

describe('a reload', () => {
  it('lets the new guards judge the next message', () => {
    const { client, upstream, session } = new Wired(wordRoute());
    client.hear(fromClient(text('one')));
    session.adopt(wordRoute({ client: [arm({ onMessage: () => refuse('rate_exceeded', '') })] }));
    client.hear(fromClient(text('two')));
    expect(upstream.said).toEqual(['text one']);
    expect(client.said).toEqual(['text no rate_exceeded']);
  });
});
