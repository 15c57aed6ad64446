import { describe, expect, it } from 'vitest';
import { fakeHandshake, fakePrincipal } from '../../test/support/guard.ts';
import { binary, close, OPEN, ping, text } from '../../test/support/raw-frames.ts';
import { arm, fromClient, fromServer, Wire, Wired, wordRoute } from '../../test/support/wired-session.ts';
import { REFUSAL_CODES, REFUSALS } from '../errors.ts';
import { refuse } from '../pipeline/verdict.ts';
import { isWireCode } from '../protocol/close-codes.ts';
import { retire } from './drain.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** The other side goes: FIN, and the socket closes once ours is sent too. */
async function fin(wire: Wire): Promise<void> {
  wire.push(null);
  wire.resume();
  await turn();
  await turn();
}

describe('a close by the client', () => {
  it.each([1000, 1001, 1008, 1011, 3000, 4999])(
    '%d is echoed, and goes on to the upstream with its reason',
    (code) => {
      const { client, upstream } = new Wired(wordRoute());
      client.hear(fromClient(text('last'), close(code, 'bye'), text('too late')));
      expect(client.said).toEqual([`close ${code}`]);
      expect(upstream.said).toEqual(['text last', `close ${code} bye`]);
    },
  );

  it('without a code stays without one on both legs', () => {
    const { client, upstream } = new Wired(wordRoute());
    client.hear(fromClient(close()));
    expect(client.said).toEqual(['close']);
    expect(upstream.said).toEqual(['close']);
  });

  it('ends our side of the TCP connection, and nothing behind it is read', () => {
    const { client } = new Wired(wordRoute());
    client.hear(fromClient(close(1000), ping('p'), close(1001)));
    for (let i = 0; i < 1_000; i++) client.hear(fromClient(close(1000)));
    expect(client.said).toEqual(['close 1000']);
    expect(client.writableEnded).toBe(true);
  });

  it('lets nothing more from the upstream through', () => {
    const { client, upstream } = new Wired(wordRoute());
    client.hear(fromClient(close(1000)));
    upstream.hear(fromServer(text('late'), ping('late')));
    expect(client.said).toEqual(['close 1000']);
    expect(upstream.said).toEqual(['close 1000']);
  });

  it('is told when both legs are gone', async () => {
    const wired = new Wired(wordRoute());
    wired.client.hear(fromClient(text('a'), text('b')));
    wired.upstream.hear(fromServer(binary('c')));
    wired.clock.pass(2_500);
    wired.client.hear(fromClient(close(1000, 'secret\n')));
    await fin(wired.client);
    expect(wired.registry.size).toBe(1);
    wired.upstream.hear(fromServer(close(1000)));
    await fin(wired.upstream);
    expect(wired.registry.size).toBe(0);
    expect(wired.closed).toBe(1);
    const [event] = wired.named('session.closed');
    expect(event).toMatchObject({ initiator: 'client', close: 1000, received: 2, sent: 1, seconds: 2.5 });
    expect(event).toMatchObject({ session: 's0', route: 'open', subject: 'ada', tenant: 'acme' });
    expect(JSON.stringify(wired.events)).not.toContain('secret');
  });

  it.each(['0', '999', '1004', '1005', '1006', '1015', '2000', '5000'])(
    'with %s is a protocol error',
    (code) => {
      const { client, upstream } = new Wired(wordRoute());
      client.hear(fromClient(close(Number(code))));
      expect(client.said).toEqual(['close 1002 frame_invalid']);
      expect(upstream.said).toEqual(['close 1001']);
      expect(client.writableEnded).toBe(true);
    },
  );

  it('with one byte, or a reason that is not text, is an error too', () => {
    const one = new Wired(wordRoute());
    one.client.hear(fromClient({ opcode: 8, payload: Buffer.from([3]) }));
    expect(one.client.said).toEqual(['close 1002 frame_invalid']);
    const text = new Wired(wordRoute());
    text.client.hear(fromClient(close(1000, Buffer.from([0xff]))));
    expect(text.client.said).toEqual(['close 1007 text_invalid']);
  });
});

describe('a close by the upstream', () => {
  it('is echoed, and goes on to the client, whose answer ends it', async () => {
    const wired = new Wired(wordRoute());
    wired.upstream.hear(fromServer(text('last'), close(4001, 'why')));
    expect(wired.upstream.said).toEqual(['close 4001']);
    expect(wired.client.said).toEqual(['text last', 'close 4001 why']);
    expect(wired.client.writableEnded).toBe(false);
    expect(wired.upstream.writableEnded).toBe(false); // the server closes first
    wired.client.hear(fromClient(text('too late'), close(4001)));
    expect(wired.client.writableEnded).toBe(true);
    await fin(wired.upstream);
    await fin(wired.client);
    expect(wired.named('session.closed')[0]).toMatchObject({ initiator: 'upstream', close: 4001 });
  });

  it('with a code that must not be sent is an invalid upstream to the client', () => {
    const { client, upstream } = new Wired(wordRoute());
    upstream.hear(fromServer(close(1006)));
    expect(upstream.said).toEqual(['close 1002 frame_invalid']);
    expect(client.said).toEqual(['close 1014 upstream_invalid']);
  });
});

describe('an end without a close', () => {
  it('of the client, by FIN: the upstream is told that it went away', async () => {
    const wired = new Wired(wordRoute());
    wired.client.hear(fromClient(text('half', OPEN)));
    await fin(wired.client);
    expect(wired.upstream.said).toEqual(['close 1001']);
    expect(wired.client.destroyed).toBe(true);
    wired.upstream.hear(fromServer(close(1001)));
    await fin(wired.upstream);
    expect(wired.named('session.closed')[0]).toMatchObject({ initiator: 'client', close: 1006 });
  });

  it('of the client, by RST', async () => {
    const wired = new Wired(wordRoute());
    wired.client.destroy(new Error('ECONNRESET'));
    await turn();
    expect(wired.upstream.said).toEqual(['close 1001']);
  });

  it('of the upstream, by FIN or RST: the client is told of a bad gateway', async () => {
    for (const how of ['fin', 'rst']) {
      const wired = new Wired(wordRoute());
      if (how === 'fin') await fin(wired.upstream);
      else wired.upstream.destroy(new Error('ECONNRESET'));
      await turn();
      expect(wired.client.said).toEqual(['close 1014 upstream_lost']);
      wired.client.hear(fromClient(close(1014)));
      await fin(wired.client);
      expect(wired.named('session.closed')[0]).toMatchObject({
        initiator: 'upstream',
        close: 1014,
        code: 'upstream_lost',
      });
    }
  });

  it('of both at once is told once', async () => {
    const wired = new Wired(wordRoute());
    wired.session.destroy();
    await turn();
    expect(wired.named('session.closed').length).toBe(1);
    expect(wired.closed).toBe(1);
  });

  it('before the session was opened is seen', async () => {
    const client = new Wire();
    client.destroy();
    await turn();
    const wired = new Wired(wordRoute(), { client });
    await turn();
    expect(wired.upstream.said).toEqual(['close 1001']);
  });
});

describe('end', () => {
  it.each(REFUSAL_CODES)('%s: a code that may be sent, and its name, to the client', (code) => {
    const { client, upstream, session } = new Wired(wordRoute());
    session.end(code);
    session.end('internal');
    expect(isWireCode(REFUSALS[code].close)).toBe(true);
    expect(client.said).toEqual([`close ${REFUSALS[code].close} ${code}`]);
    expect(upstream.said).toEqual(['close 1001']);
  });

  it('uses the code that the dialect has for it', () => {
    const route = wordRoute();
    const dialect = {
      ...route.dialect,
      closeCode: (code: string) => (code === 'session_expired' ? 4403 : undefined),
    };
    const { client, session } = new Wired({ ...route, dialect });
    session.end('session_expired');
    expect(client.said).toEqual(['close 4403 session_expired']);
  });

  it('is the operator’s when it is a kick', async () => {
    const wired = new Wired(wordRoute());
    wired.session.end('session_kicked', 'on call: 4711');
    wired.session.destroy();
    await turn();
    expect(wired.named('session.closed')[0]).toMatchObject({
      initiator: 'operator',
      close: 4501,
      code: 'session_kicked',
      reason: 'on call: 4711',
    });
  });
});

describe('what a broken frame leads to', () => {
  it('by the client: 1002, and our FIN at once', () => {
    const { client, upstream } = new Wired(wordRoute());
    client.hear(
      Buffer.concat([fromClient(text('good')), fromClient({ opcode: 3 }), fromClient(text('bad'))]),
    );
    expect(upstream.said).toEqual(['text good', 'close 1001']);
    expect(client.said).toEqual(['close 1002 frame_invalid']);
    expect(client.writableEnded).toBe(true);
  });

  it('by the upstream: the client sees none of it', () => {
    const { client, upstream } = new Wired(wordRoute());
    upstream.hear(Buffer.concat([fromServer(text('good')), fromClient(text('masked'))]));
    expect(client.said).toEqual(['text good', 'close 1014 upstream_invalid']);
    expect(upstream.said).toEqual(['close 1002 frame_invalid']);
    expect(upstream.writableEnded).toBe(true);
  });
});

describe('a session', () => {
  it('delivers what was sent early, once, and in order', () => {
    const { client, upstream } = new Wired(wordRoute(), {
      clientHead: fromClient(text('early')).subarray(0, 9),
    });
    expect(upstream.said).toEqual([]);
    client.hear(fromClient(text('early')).subarray(9));
    client.hear(fromClient(text('then')));
    expect(upstream.said).toEqual(['text early', 'text then']);
  });

  it('keeps nothing of the handshake but what it names', () => {
    const handshake = fakeHandshake({ headers: new Map([['authorization', 'Bearer x']]) });
    const { session } = new Wired(wordRoute(), { handshake });
    expect(Object.values(session)).not.toContain(handshake);
    expect(session).toMatchObject({
      address: '192.0.2.1',
      host: 'ws.example.com',
      path: '/chat',
      protocol: '',
    });
  });

  it('makes a slot once, also across a reload', () => {
    const { session } = new Wired(wordRoute());
    const made = session.slot('rate', () => ({ n: 1 }));
    session.adopt(wordRoute());
    expect(session.slot('rate', () => ({ n: 2 }))).toBe(made);
  });

  it('is told that its subprotocol is deprecated', () => {
    const route = wordRoute({ deprecated: new Map([['chat.v1', 'use chat.v2']]) });
    const wired = new Wired(route, { protocol: 'chat.v1' });
    expect(wired.client.said).toEqual(['text note use chat.v2']);
    expect(wired.named('session.deprecated')[0]).toMatchObject({ protocol: 'chat.v1' });
    expect(new Wired(route, { protocol: 'chat.v2' }).client.said).toEqual([]);
  });

  // AX-01, AX-10
  it('lets no message pass once its credential has run out, and answers to the monotonic clock alone', () => {
    const wired = new Wired(wordRoute({ lifetime: { refreshGrace: 500 } }), {
      principal: fakePrincipal({ expiresAt: Date.UTC(2026, 0, 1) + 1_000 }),
    });
    wired.clock.wall += 3_600_000; // somebody set the clock
    wired.clock.ticks += 1_499;
    wired.client.hear(fromClient(text('in time')));
    wired.clock.wall -= 7_200_000;
    wired.clock.ticks += 1;
    wired.upstream.hear(fromServer(text('late')));
    wired.client.hear(fromClient(text('late')));
    expect(wired.upstream.said).toEqual(['text in time', 'close 1001']);
    expect(wired.client.said).toEqual(['close 3000 session_expired']);
  });

  // AX-09
  it('ends with its client certificate, without any grace', () => {
    const certificate = {
      subject: {},
      issuer: {},
      san: { uri: [], dns: [], email: [] },
      serial: '0a',
      fingerprint: 'ff',
      path: [],
      anchor: 'ee',
      notAfter: Date.UTC(2026, 0, 1) + 1_000,
    };
    const wired = new Wired(wordRoute({ lifetime: { refreshGrace: 60_000 } }), {
      handshake: fakeHandshake({ tls: { protocol: 'TLSv1.3', cipher: 'x', certificate } }),
    });
    wired.clock.pass(1_000);
    wired.client.hear(fromClient(text('late')));
    expect(wired.client.said).toEqual(['close 3000 session_expired']);
    expect(wired.registry.find({ certificateSerial: '0a' })).toEqual([wired.session]);
  });
});

it('a session whose route is gone, and then back, goes on', () => {
  const wired = new Wired(wordRoute());
  const gone = () => {
    retire([wired.session], wired.clock.ticks, 10_000);
    return wired.session;
  };
  const { retires } = gone();
  expect(retires - wired.clock.ticks).toBeLessThanOrEqual(10_000);
  wired.clock.pass(5_000);
  expect(gone().retires).toBeLessThanOrEqual(retires); // reload upon reload does not put it off
  wired.session.adopt(wordRoute());
  expect(wired.session.retires).toBe(Number.POSITIVE_INFINITY);
});

describe('back-pressure', () => {
  const big = fromServer(binary(Buffer.alloc(60_000)));

  it('pauses the source of a full sink, and reads on when it has drained', () => {
    const wired = new Wired(wordRoute());
    wired.client.stuck = true;
    wired.upstream.hear(big);
    expect(wired.upstream.isPaused()).toBe(false);
    wired.upstream.hear(big);
    expect(wired.upstream.isPaused()).toBe(true);
    expect(wired.client.isPaused()).toBe(false);
    wired.client.flow();
    return turn().then(() => {
      expect(wired.upstream.isPaused()).toBe(false);
      expect(wired.client.frames.length).toBe(2);
    });
  });

  it('stops to read a peer that makes us answer and does not read the answers', () => {
    const guard = arm({ onMessage: () => refuse('not_authorized', '') });
    for (const frame of [ping('x'.repeat(125)), text('no')]) {
      const wired = new Wired(wordRoute({ client: [guard] }));
      wired.client.stuck = true;
      let sent = 0;
      while (!wired.client.isPaused() && sent < 20_000) {
        wired.client.hear(fromClient(frame));
        sent++;
      }
      expect(wired.client.writableLength).toBeLessThan(66_000);
    }
  });

  it('keeps reading a leg that is closing, so that its end is seen', () => {
    const wired = new Wired(wordRoute());
    wired.client.stuck = true;
    wired.upstream.hear(Buffer.concat([big, big]));
    expect(wired.upstream.isPaused()).toBe(true);
    wired.session.end('session_kicked');
    expect(wired.upstream.isPaused()).toBe(false);
  });
});
