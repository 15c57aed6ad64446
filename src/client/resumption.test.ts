import { describe, expect, it } from 'vitest';
import { ClientBench, type FakeSocket } from '../../test/support/client.ts';
import {
  encodeControl,
  type GatewayMessage,
  isControlText,
  type Welcome,
} from '../protocol/session-protocol.ts';
import type { Failed, Opened, Received } from './events.ts';
import type { ClientOptions } from './options.ts';

const PROTOCOL = 'sallyport.v1+chat.v1';

const WELCOME: Welcome = {
  type: 'welcome',
  session: 's1',
  token: 'tok',
  window: 30_000,
  resumed: false,
  seen: 0,
  next: 1,
  buffer: { messages: 10, bytes: 10_000 },
};

/** A client whose gateway keeps sessions, and the test is the gateway. */
class Resuming extends ClientBench {
  constructor(options: ClientOptions = {}) {
    super({ protocols: ['chat.v1'], resume: true, reconnect: { stableAfter: 0 }, ...options });
  }

  tell(message: GatewayMessage): void {
    this.socket.receive(encodeControl(message));
  }

  /** Connects, and is welcomed. */
  async begin(welcome: Partial<Welcome> = {}): Promise<FakeSocket> {
    const socket = await this.open(PROTOCOL);
    this.tell({ ...WELCOME, ...welcome });
    return socket;
  }

  /** The connection is lost, and the next one is accepted. */
  async again(): Promise<FakeSocket> {
    this.socket.end(1006, '', false);
    await this.after(500);
    this.socket.open(PROTOCOL);
    return this.socket;
  }

  /** What the application sent on the newest connection, and what the client acknowledged there. */
  get said(): unknown[] {
    return this.socket.sent.filter((each) => !(typeof each === 'string' && isControlText(each)));
  }

  get acks(): number[] {
    return this.socket.sent.flatMap((each) =>
      typeof each === 'string' && isControlText(each) ? [JSON.parse(each.slice(1)).seen as number] : [],
    );
  }
}

const opened = (bench: ClientBench) => bench.of('open').map((event) => (event as Opened).resumed);

describe('a session', () => {
  it('is asked for beside each subprotocol, and begins with a welcome', async () => {
    const bench = new Resuming();
    const socket = await bench.open(PROTOCOL);
    expect(socket.offers).toEqual(['chat.v1', PROTOCOL]);
    expect([bench.client.state, bench.of('open')]).toEqual(['connecting', []]);
    bench.client.send('early');
    expect(socket.sent).toEqual([]);
    bench.tell(WELCOME);
    expect([bench.client.state, bench.client.protocol, bench.client.session]).toEqual([
      'open',
      'chat.v1',
      's1',
    ]);
    expect([bench.acks, bench.said]).toEqual([[0], ['early']]);
  });

  it('is not begun where the server knows none, and nothing is counted there', async () => {
    const bench = new Resuming();
    const socket = await bench.open('chat.v1');
    expect(bench.client.state).toBe('open');
    bench.client.send('\u0010plain');
    socket.receive('\u0010{"type":"ack","seen":9}');
    expect(socket.sent).toEqual(['\u0010plain']);
    expect(bench.of('message')).toHaveLength(1);
  });

  it('that is never welcomed is a failed attempt', async () => {
    const bench = new Resuming({ connectTimeout: 2_000 });
    await bench.open(PROTOCOL);
    await bench.after(2_000);
    expect((bench.of('error').at(-1) as Failed).error.code).toBe('connect_timeout');
  });

  it('escapes what would be taken for its own', async () => {
    const bench = new Resuming();
    const socket = await bench.begin();
    bench.client.send('\u0010a');
    socket.receive('\u0010\u0010b');
    expect(bench.said).toEqual(['\u0010\u0010a']);
    expect((bench.of('message')[0] as Received).data).toBe('\u0010b');
  });

  it('passes over what a newer gateway says', async () => {
    const bench = new Resuming();
    (await bench.begin()).receive('\u0010{"type":"news"}');
    expect([bench.client.state, bench.of('message')]).toEqual(['open', []]);
  });
});

describe('acknowledging', () => {
  it('waits a second, or until half of the buffer is filled', async () => {
    const bench = new Resuming();
    const socket = await bench.begin();
    bench.timers.advance(200);
    socket.receive('1');
    bench.timers.advance(999);
    expect(bench.acks).toEqual([0]);
    bench.timers.advance(1);
    expect(bench.acks).toEqual([0, 1]);
    bench.timers.advance(200);
    for (let i = 2; i <= 6; i++) socket.receive(String(i));
    expect(bench.acks).toEqual([0, 1, 6]);
    bench.timers.advance(200);
    socket.receive('x'.repeat(5_000));
    expect(bench.acks).toEqual([0, 1, 6, 7]);
  });

  it('is never more often than ten times a second', async () => {
    const bench = new Resuming();
    const socket = await bench.begin();
    for (let i = 0; i < 1_000; i++) {
      socket.receive(new ArrayBuffer(4));
      bench.timers.advance(1);
    }
    expect(bench.acks.length).toBeLessThanOrEqual(11);
  });
});

describe('coming back', () => {
  it('claims what it has seen, and sends again exactly what was not taken', async () => {
    const bench = new Resuming();
    const first = await bench.begin();
    for (const text of ['a', 'b', 'c']) bench.client.send(text);
    for (const text of ['1', '2']) first.receive(text);
    bench.tell({ type: 'ack', seen: 1 });
    const second = await bench.again();
    expect(second.offers).toEqual(['chat.v1', PROTOCOL, 'sallyport.resume.tok.2']);
    bench.client.send('d');
    bench.tell({ ...WELCOME, resumed: true, seen: 2, next: 3, token: 'tok2' });
    expect([bench.acks, bench.said]).toEqual([[2], ['c', 'd']]);
    expect(opened(bench)).toEqual([false, true]);
    const third = await bench.again();
    expect(third.offers).toContain('sallyport.resume.tok2.2');
  });

  it('keeps what was sent as it was', async () => {
    const bench = new Resuming();
    await bench.begin();
    const bytes = new Uint8Array([1, 2, 3]);
    bench.client.send(bytes);
    bytes.fill(0);
    await bench.again();
    bench.tell({ ...WELCOME, resumed: true });
    expect(new Uint8Array(bench.said[0] as ArrayBuffer)).toEqual(new Uint8Array([1, 2, 3]));
  });

  it.each([
    ['resend', ['b', 'c'], 2],
    ['drop', [], 0],
  ] as const)(
    'to another session: what was not taken is treated as %s says',
    async (unacknowledged, again, count) => {
      const bench = new Resuming({ unacknowledged });
      await bench.begin();
      for (const text of ['a', 'b', 'c']) bench.client.send(text);
      bench.tell({ type: 'ack', seen: 1 });
      bench.socket.receive('1');
      await bench.again();
      bench.tell({ ...WELCOME, session: 's2', reason: 'lost' });
      expect([bench.said, bench.acks]).toEqual([again, [0]]); // it counts from the beginning
      expect(bench.of('open').at(-1)).toMatchObject({ session: 's2', resumed: false, reason: 'lost' });
      bench.tell({ type: 'ack', seen: count });
      await bench.again();
      bench.tell({ ...WELCOME, session: 's2', resumed: true, seen: count });
      expect(bench.said).toEqual([]);
    },
  );

  it('to a server without sessions sends once more what was not taken', async () => {
    const bench = new Resuming();
    await bench.begin();
    bench.client.send('a');
    bench.socket.end(1006, '', false);
    await bench.after(500);
    bench.socket.open('chat.v1');
    expect(bench.socket.sent).toEqual(['a']);
  });

  it('claims nothing when the window has passed', async () => {
    const bench = new Resuming({ reconnect: { base: 60_000, cap: 60_000 } });
    await bench.begin();
    bench.socket.end(1006, '', false);
    await bench.after(30_000);
    expect(bench.socket.offers).toEqual(['chat.v1', PROTOCOL]);
  });

  it('claims nothing after a Close: the session has ended with it', async () => {
    const bench = new Resuming();
    await bench.begin();
    bench.socket.end(1012, 'draining');
    await bench.after(500);
    expect(bench.socket.offers).toEqual(['chat.v1', PROTOCOL]);
  });

  it('lets go of a silent connection in a way that keeps the session', async () => {
    const bench = new Resuming({ heartbeat: { interval: 1_000, timeout: 500, message: () => 'ping' } });
    const socket = await bench.begin();
    await bench.after(1_500);
    expect(socket.closedWith).toEqual([4010, undefined]);
    await bench.after(500);
    expect(bench.socket.offers).toContain('sallyport.resume.tok.0');
  });

  it('waits for as long as the gateway says', async () => {
    const bench = new Resuming();
    await bench.begin();
    bench.socket.end(1012, 'draining; after=7000');
    await bench.after(6_999);
    expect(bench.sockets).toHaveLength(1);
    await bench.after(1);
    expect(bench.sockets).toHaveLength(2);
  });
});

describe('a gateway that counts what cannot be', () => {
  it.each<[string, GatewayMessage]>([
    ['has taken more than was sent', { type: 'ack', seen: 2 }],
    ['welcomes twice', WELCOME],
  ])('%s: the next connection begins anew', async (_, message) => {
    const bench = new Resuming();
    await bench.begin();
    bench.client.send('a');
    bench.tell(message);
    expect((bench.of('error').at(-1) as Failed).error.code).toBe('session_malformed');
    await bench.after(500);
    expect(bench.socket.offers).toEqual(['chat.v1', PROTOCOL]);
  });

  it.each<Partial<Welcome>>([{ seen: 5 }, { next: 3 }])('resumes with %j: so too', async (wrong) => {
    const bench = new Resuming();
    await bench.begin();
    await bench.again();
    bench.tell({ ...WELCOME, resumed: true, ...wrong });
    expect((bench.of('error').at(-1) as Failed).error.code).toBe('session_malformed');
  });

  it('sends a message before its welcome', async () => {
    const bench = new Resuming();
    (await bench.open(PROTOCOL)).receive('hello');
    expect(bench.of('message')).toEqual([]);
    expect((bench.of('error').at(-1) as Failed).error.code).toBe('session_malformed');
  });
});

it('does not keep more than the queue may hold: the rest waits until some is acknowledged', async () => {
  const bench = new Resuming({ queue: { messages: 3, policy: 'reject' } });
  await bench.begin();
  for (let i = 0; i < 6; i++) bench.client.send(String(i));
  expect(bench.said).toEqual(['0', '1', '2']);
  expect(() => bench.client.send('6')).toThrow(/queue is full/);
  bench.tell({ type: 'ack', seen: 2 });
  bench.timers.advance(50);
  expect(bench.said).toEqual(['0', '1', '2', '3', '4']);
});

it('says at the end how many messages nobody has acknowledged', async () => {
  const bench = new Resuming();
  await bench.begin();
  bench.client.send('a');
  bench.client.close();
  bench.socket.end(1000);
  expect(bench.of('close')[0]).toMatchObject({ unsent: 1 });
});
