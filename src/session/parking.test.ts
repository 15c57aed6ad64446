import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { fakeHandshake } from '../../test/support/guard.ts';
import { binary, close, text } from '../../test/support/raw-frames.ts';
import { arm, fromClient, fromServer, Wire, Wired, wordRoute } from '../../test/support/wired-session.ts';
import { PASS, type Verdict } from '../pipeline/verdict.ts';
import { DLE, readGatewayControl, type Welcome } from '../protocol/session-protocol.ts';
import { attach } from './attach.ts';
import { PAUSE } from './leg.ts';
import { Parking } from './parking.ts';
import type { Session } from './session.ts';

const TERMS = { window: 30_000, maxMessages: 100, maxBytes: 65_536 };

/** A session that its client can come back to. */
class World extends Wired {
  readonly parking: Parking<Session>;
  wire: Wire = this.client;

  constructor(route: Parameters<typeof wordRoute>[0] = {}, limits?: { sessions: number; bytes: number }) {
    const parking = new Parking<Session>('0123456789abcdef', limits);
    super(wordRoute({ resume: TERMS, ...route }), { resume: {} }, { parking });
    this.parking = parking;
  }

  /** The client's connection is gone. */
  async lose(): Promise<void> {
    this.wire.destroy();
    await turn();
  }

  /** The client has another connection, and has seen so much. */
  comeBack(seen: number, token = this.welcome.token): Wire {
    const { hash: shown } = this.parking.find(token)!;
    this.wire = new Wire();
    attach(this.session, {
      handshake: fakeHandshake({ address: '192.0.2.9' }),
      deflate: false,
      client: this.wire,
      clientHead: Buffer.alloc(0),
      shown,
      seen,
    });
    return this.wire;
  }

  says(...words: string[]): void {
    this.wire.hear(fromClient(...words.map((each) => text(each))));
  }

  serves(...words: string[]): void {
    this.upstream.hear(fromServer(...words.map((each) => text(each))));
  }

  /** What the client of this connection was told, controls as objects. */
  get told(): unknown[] {
    return this.wire.said.map((each) => {
      const words = each.replace(/^text /, '');
      return words.startsWith(DLE) && words[1] !== DLE ? readGatewayControl(words) : each;
    });
  }

  get welcome(): Welcome {
    return this.told[0] as Welcome;
  }

  /** What reached the upstream. */
  get reached(): string[] {
    return this.upstream.said;
  }
}

describe('a client that is lost', () => {
  it.each<[string, (world: World) => void]>([
    ['by a reset', ({ wire }) => void wire.destroy()],
    ['by FIN alone', ({ wire }) => void wire.push(null)],
    ['saying 4010, as a browser may', ({ wire }) => wire.hear(fromClient(close(4010)))],
    ['saying 1001, "going away"', ({ wire }) => wire.hear(fromClient(close(1001)))],
  ])('%s finds its session again', async (_how, lose) => {
    const world = new World();
    world.serves('a');
    lose(world);
    await turn();
    expect([world.session.resumption?.parked, world.parking.parked]).toEqual([true, 1]);
    world.serves('b');
    world.comeBack(1);
    expect(world.told).toMatchObject([{ type: 'welcome', resumed: true, next: 2 }, 'text b']);
    world.serves('c');
    expect(world.told.at(-1)).toBe('text c');
    world.says('d');
    expect(world.reached).toEqual(['text d']);
    expect(world.parking.parked).toBe(0);
    expect(world.registry.find({ address: '192.0.2.9' })).toEqual([world.session]);
    expect(world.named('session.parked').length).toBe(1);
    expect(world.named('session.resumed')).toMatchObject([{ messages: 1 }]);
  });

  it('lets go of the upstream that it held up by not reading', async () => {
    const world = new World();
    world.wire.stuck = true;
    for (let i = 0; i < 4; i++) world.upstream.hear(fromServer(binary(Buffer.alloc(30_000))));
    expect(world.session.upstream.paused).toBe(true);
    await world.lose();
    expect(world.session.upstream.paused).toBe(false);
  });

  it('and is taken over does not hold it up either; and the upstream holds up the new one as it did the old', () => {
    const world = new World();
    world.wire.stuck = true;
    for (let i = 0; i < 4; i++) world.upstream.hear(fromServer(binary(Buffer.alloc(10_000))));
    world.upstream.stuck = true;
    world.wire.hear(fromClient(binary(Buffer.alloc(60_000))));
    world.wire.hear(fromClient(binary(Buffer.alloc(60_000))));
    expect(world.session.client.paused).toBe(true);
    world.session.upstream.pause(PAUSE.sink);
    world.comeBack(4);
    expect([world.session.client.paused, world.session.upstream.paused]).toEqual([true, false]);
    world.upstream.flow();
    world.upstream.flow();
    world.upstream.emit('drain');
    expect(world.session.client.paused).toBe(false);
  });

  it('by not reading is parked, and gets what it did not read when it comes back', () => {
    const world = new World({ lifetime: { slowConsumer: 2_000 } });
    world.wire.stuck = true;
    for (let i = 0; i < 4; i++) world.upstream.hear(fromServer(binary(Buffer.alloc(16_384 + i))));
    world.serves('after it');
    for (let i = 0; i < 8; i++) world.pass(500);
    expect(world.session.resumption?.parked).toBe(true);
    world.comeBack(3);
    expect(world.told.at(-1)).toBe('text after it');
  });

  it('by silence is parked, and not told that it is', () => {
    const world = new World({ lifetime: { heartbeat: 1_000 } });
    for (let i = 0; i < 8; i++) {
      world.upstream.hear(fromServer({ opcode: 10, payload: Buffer.alloc(0) }));
      world.pass(500);
    }
    expect(world.session.resumption?.parked).toBe(true);
    expect(world.upstream.said.includes('close 1001')).toBe(false);
  });

  it.each([1000, 1005, 3000])('that says %d has ended its session', async (code) => {
    const world = new World();
    world.wire.hear(fromClient(code === 1005 ? close() : close(code)));
    await turn();
    expect(world.parking.find(world.welcome.token)).toBeUndefined();
    expect(world.session.ending).toBe(true);
  });

  it('and is still there is taken over: the old connection is cut, and its end is nobody’s', async () => {
    const world = new World();
    const before = world.wire;
    world.says('one');
    world.comeBack(0);
    expect(before.destroyed).toBe(true);
    await turn();
    world.serves('a');
    world.says('two');
    expect(world.told.slice(1)).toEqual(['text a', { type: 'ack', seen: 2 }]);
    expect(world.reached).toEqual(['text one', 'text two']);
    world.session.end('session_kicked');
    for (const wire of [world.wire, world.upstream]) wire.destroy();
    await turn();
    expect(world.named('session.closed')).toMatchObject([{ received: 2, sent: 1 }]);
  });

  it('has no seat to come back to where too many wait, and its session ends', async () => {
    const world = new World({}, { sessions: 0, bytes: 1_000 });
    await world.lose();
    expect(world.reached).toEqual(['close 1001']);
  });

  it('of a session without resume ends it, as ever', async () => {
    const wired = new Wired(wordRoute({ resume: TERMS }), {}, { parking: new Parking('0123456789abcdef') });
    wired.upstream.hear(fromServer(text('a')));
    expect(wired.client.said).toEqual(['text a']);
    wired.client.hear(fromClient(text(`${DLE}{"type":"ack","seen":0}`)));
    expect(wired.upstream.said).toEqual([`text ${DLE}{"type":"ack","seen":0}`]);
    wired.client.destroy();
    await turn();
    expect(wired.upstream.said.at(-1)).toBe('close 1001');
  });
});

describe('a message of the client', () => {
  it('that came half is forgotten, and taken once when it comes again', async () => {
    const world = new World();
    const frame = fromClient(text('whole'));
    world.wire.hear(frame.subarray(0, 8));
    await world.lose();
    world.comeBack(0);
    expect(world.welcome.seen).toBe(0);
    world.wire.hear(frame);
    expect(world.reached).toEqual(['text whole']);
    expect(world.told.at(-1)).toEqual({ type: 'ack', seen: 1 });
  });

  it.each(['lost', 'taken over'])(
    'that a guard has not judged is not taken, whatever it says later: %s',
    async (how) => {
      const verdicts: ((verdict: Verdict) => void)[] = [];
      const slow = arm({ onMessage: () => new Promise<Verdict>((resolve) => verdicts.push(resolve)) });
      const world = new World({ client: [slow] });
      world.says('one', 'two');
      if (how === 'lost') await world.lose();
      world.comeBack(0);
      expect(world.welcome.seen).toBe(0);
      verdicts[0]!(PASS);
      await turn();
      expect(world.reached).toEqual([]);
      world.says('one');
      verdicts[1]!(PASS);
      await turn();
      expect(world.reached).toEqual(['text one']);
      expect(world.told.at(-1)).toEqual({ type: 'ack', seen: 1 });
    },
  );

  it('that is refused was taken too, and the answer counts as the server’s', () => {
    const no = arm({
      onMessage: ({ type }) => (type === 'bad' ? { pass: false, code: 'not_authorized', reason: '' } : PASS),
    });
    const world = new World({ client: [no] });
    world.says('bad', 'good');
    expect(world.told.slice(1)).toEqual(['text no not_authorized', { type: 'ack', seen: 2 }]);
    world.comeBack(0);
    expect(world.told).toMatchObject([{ seen: 2, next: 1 }, 'text no not_authorized']);
  });

  it('is the application’s also where it looks like control, if it says so', () => {
    const world = new World();
    world.says(`${DLE}${DLE}{"type":"ack","seen":9}`);
    world.wire.hear(fromClient(binary(Buffer.from(`${DLE}x`))));
    expect(world.reached).toEqual([`text ${DLE}{"type":"ack","seen":9}`, `binary ${DLE}x`]);
    world.serves(`${DLE}mine`);
    expect(world.wire.said.at(-1)).toBe(`text ${DLE}${DLE}mine`);
  });
});

describe('while it waits', () => {
  it('a session ends with its window', async () => {
    const world = new World();
    await world.lose();
    world.pass(29_500);
    expect(world.reached).toEqual([]);
    world.pass(1_000);
    expect(world.reached).toEqual(['close 1001']);
    expect(world.parking.find(world.welcome.token)).toBeUndefined();
    world.upstream.hear(fromServer(close(1001)));
    world.upstream.destroy();
    await turn();
    expect(world.named('session.closed')).toMatchObject([
      { initiator: 'client', close: 1006, reason: 'not resumed' },
    ]);
    expect([world.closed, world.parking.parked, world.parking.journals.used]).toEqual([1, 0, 0]);
  });

  it.each<[string, Parameters<typeof wordRoute>[0], (world: World) => void]>([
    ['a kick', {}, ({ session }) => session.end('session_kicked')],
    ['a drain', {}, ({ session }) => session.leave('draining')],
    ['its age', { lifetime: { maximum: 5_000 } }, (world) => world.pass(6_000)],
    [
      'a route that is gone',
      {},
      (world) => {
        world.session.retires = 0;
        world.pass(500);
      },
    ],
    ['a silent upstream', { lifetime: { heartbeat: 1_000 } }, (world) => world.pass(5_000)],
  ])('%s ends it at once', async (_what, route, happens) => {
    const world = new World(route);
    await world.lose();
    happens(world);
    expect(world.reached.at(-1)).toBe('close 1001');
    expect(world.parking.find(world.welcome.token)).toBeUndefined();
  });

  it('it is not idle', async () => {
    const world = new World({ lifetime: { idle: 5_000 } });
    await world.lose();
    world.pass(20_000);
    expect(world.session.ending).toBe(false);
  });

  it.each<[string, (world: World) => void, string]>([
    ['its Close', ({ upstream }) => upstream.hear(fromServer(close(4321, 'over'))), 'close 4321 over'],
    ['the loss of it', ({ upstream }) => void upstream.destroy(), 'close 1014 upstream_lost'],
    [
      'what it broke',
      ({ upstream }) => upstream.hear(Buffer.from([0xff, 0x00])),
      'close 1014 upstream_invalid',
    ],
  ])('the end of the upstream waits for the client: %s', async (_what, happens, last) => {
    const world = new World();
    await world.lose();
    world.serves('the last word');
    happens(world);
    world.upstream.destroy();
    await turn();
    expect(world.closed).toBe(0);
    world.comeBack(0);
    expect(world.told.slice(1)).toEqual(['text the last word', last]);
    world.says('too late');
    expect(world.session.fromClient.messages).toBe(0);
    world.wire.hear(fromClient(close(1000)));
    world.wire.destroy();
    await turn();
    expect(world.closed).toBe(1);
    expect(world.parking.parked).toBe(0);
  });

  it('an end that nobody came to hear is over with the window, or with the gateway', async () => {
    for (const end of [(world: World) => world.pass(31_000), (world: World) => world.session.destroy()]) {
      const world = new World();
      await world.lose();
      world.upstream.hear(fromServer(close(1000)));
      world.upstream.destroy();
      await turn();
      end(world);
      await turn();
      expect([world.closed, world.registry.size, world.parking.parked]).toEqual([1, 0, 0]);
    }
  });
});

describe('a Close of the gateway', () => {
  it('comes behind the last acknowledgement, and nothing is taken behind it', () => {
    const slow = arm({ onMessage: () => PASS });
    const world = new World({ client: [slow] });
    world.says('one');
    world.session.hush();
    world.session.leave('draining');
    world.says('two');
    expect(world.told.slice(1)).toMatchObject([
      { type: 'ack', seen: 1 },
      expect.stringMatching(/^close 1012 draining/),
    ]);
    expect(world.reached).toEqual(['text one', 'close 1001']);
  });

  it('that the client has not answered comes again', async () => {
    const world = new World();
    world.serves('a');
    const { token } = world.welcome;
    world.upstream.hear(fromServer(close(4321)));
    await world.lose();
    world.upstream.destroy();
    await turn();
    world.comeBack(0, token);
    expect(world.told.slice(1)).toEqual(['text a', 'close 4321']);
  });

  it('that the client has answered does not', async () => {
    const world = new World();
    const { token } = world.welcome;
    world.upstream.hear(fromServer(close(4321)));
    world.wire.hear(fromClient(close(4321)));
    await world.lose();
    expect(world.parking.find(token)).toBeUndefined();
  });
});
