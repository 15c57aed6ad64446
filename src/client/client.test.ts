import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ClientBench, FakeSocket } from '../../test/support/client.ts';
import { Client } from './client.ts';
import type { Closed, Failed, Received, StateChanged } from './events.ts';
import type { ClientOptions, TokenRequest } from './options.ts';

const lastOf = <E>(bench: ClientBench, type: string): E => bench.of(type).at(-1) as E;

describe('a connection', () => {
  it('is opened with the subprotocols, and is used as a WebSocket is', async () => {
    const bench = new ClientBench({ protocols: ['chat.v1', 'chat.v2'] });
    const socket = await bench.open('chat.v2');
    expect([socket.url, socket.offers]).toEqual(['wss://localhost/chat', ['chat.v1', 'chat.v2']]);
    expect([bench.client.protocol, bench.client.state, socket.binaryType]).toEqual([
      'chat.v2',
      'open',
      'arraybuffer',
    ]);
    bench.client.binaryType = 'blob';
    expect([socket.binaryType, bench.client.binaryType]).toEqual(['blob', 'blob']);
    bench.client.send('hello');
    socket.receive('welcome');
    expect(socket.sent).toEqual(['hello']);
    expect(lastOf<Received>(bench, 'message').data).toBe('welcome');
    expect(bench.events.map(({ type }) => type)).toEqual(['state', 'state', 'open', 'message']);
  });

  it('that does not open in time is given up, and an answer that comes later is not heard', async () => {
    const bench = new ClientBench({ connectTimeout: 2_000 });
    bench.client.connect();
    await bench.after(1_999);
    expect(bench.client.state).toBe('connecting');
    await bench.after(1);
    expect(bench.client.state).toBe('waiting');
    expect(lastOf<Failed>(bench, 'error').error).toMatchObject({ code: 'connect_timeout' });
    expect(bench.socket.closedWith).toBeDefined();
    bench.socket.open();
    bench.socket.receive('too late');
    expect([bench.client.state, bench.of('message')]).toEqual(['waiting', []]);
    await bench.after(500);
    bench.sockets[0]?.open();
    expect([bench.client.state, bench.sockets.length]).toEqual(['connecting', 2]);
  });

  it('that is refused is one failure, with what the platform says', async () => {
    const bench = new ClientBench();
    bench.client.connect();
    await bench.settle();
    bench.socket.fail('Unexpected server response: 503');
    expect(bench.of('error')).toHaveLength(1);
    expect(lastOf<Failed>(bench, 'error').error.message).toMatch(/failed: Unexpected server response: 503$/);
    expect(lastOf<StateChanged>(bench, 'state')).toMatchObject({ to: 'waiting', code: 1006, wait: 500 });
  });

  it('that stumbles while it is open is judged by its close code', async () => {
    const bench = new ClientBench();
    const socket = await bench.open();
    socket.stumble('message too big');
    expect([bench.client.state, bench.of('error')]).toEqual(['open', []]);
    socket.end(1009);
    expect(lastOf<Closed>(bench, 'close')).toMatchObject({ code: 1009, cause: 'told' });
  });

  it('is never a second one', async () => {
    const bench = new ClientBench();
    bench.client.connect();
    bench.client.connect();
    await bench.settle();
    bench.client.connect();
    bench.socket.open();
    bench.client.connect();
    await bench.settle();
    expect(bench.sockets).toHaveLength(1);
  });
});

describe('a close code', () => {
  it.each([1001, 1005, 1006, 1011, 1012, 1013, 1014, 3000, 3008, 4001, 4029, 4400])(
    '%d brings it back',
    async (code) => {
      const bench = new ClientBench();
      (await bench.open()).end(code, 'why');
      expect(lastOf<StateChanged>(bench, 'state')).toMatchObject({
        to: 'waiting',
        code,
        reason: 'why',
        wait: 500,
      });
      await bench.after(500);
      bench.socket.open();
      expect([bench.client.state, bench.sockets.length, bench.of('open').length]).toEqual(['open', 2, 2]);
    },
  );

  it.each([1000, 1002, 1003, 1007, 1008, 1009, 1010, 3500, 4500, 4501, 4503, 4999])(
    '%d ends it',
    async (code) => {
      const bench = new ClientBench();
      (await bench.open()).end(code, 'why');
      expect(bench.path).toEqual(['connecting', 'open', 'closed']);
      expect(lastOf<Closed>(bench, 'close')).toMatchObject({
        code,
        reason: 'why',
        wasClean: true,
        cause: 'told',
      });
      expect([bench.timers.pending, bench.network.watchers.size]).toEqual([0, 0]);
    },
  );
});

describe('coming back', () => {
  it('takes longer with each failure, and is quick again after a connection that lived', async () => {
    const bench = new ClientBench({ reconnect: { base: 100, cap: 500, stableAfter: 1_000 } });
    const waits = () => bench.of('state').flatMap((event) => (event as StateChanged).wait ?? []);
    bench.client.connect();
    for (let i = 0; i < 4; i++) {
      await bench.settle();
      bench.socket.fail();
      bench.timers.advance(waits().at(-1)!);
    }
    expect(waits()).toEqual([50, 100, 200, 250]);
    await bench.settle();
    bench.socket.open();
    bench.timers.advance(999);
    bench.socket.end(1001);
    expect(waits().at(-1)).toBe(250); // open, but not for long enough
    await bench.after(250);
    bench.socket.open();
    bench.timers.advance(1_000);
    bench.socket.end(1001);
    expect(waits().at(-1)).toBe(50);
  });

  it.each([1012, 1013, 4029])('after %d stays slow, however long the connection lived', async (code) => {
    const bench = new ClientBench({ reconnect: { base: 100, stableAfter: 1_000, attempts: 2 } });
    bench.client.connect();
    await bench.settle();
    bench.socket.fail();
    for (const wait of [50, 100, 200, 400]) {
      expect(lastOf<StateChanged>(bench, 'state').wait).toBe(wait); // and the budget is whole each time
      await bench.after(wait);
      bench.socket.open();
      bench.timers.advance(60_000);
      bench.socket.end(code);
    }
    expect(bench.client.state).toBe('waiting');
  });

  it('ends when the budget is spent', async () => {
    const bench = new ClientBench({ reconnect: { attempts: 2 } });
    bench.client.connect();
    for (let i = 0; i < 3; i++) {
      await bench.settle();
      bench.socket.fail();
      bench.timers.advance(1_000);
    }
    expect(bench.sockets).toHaveLength(3);
    expect(lastOf<Closed>(bench, 'close')).toMatchObject({ code: 1006, wasClean: false, cause: 'gave-up' });
    await bench.after(100_000);
    expect(bench.sockets).toHaveLength(3);
  });

  it('waits for the network, and then a little', async () => {
    const bench = new ClientBench();
    const socket = await bench.open();
    bench.network.go('offline');
    expect([bench.client.state, socket.closedWith]).toEqual(['offline', [undefined, undefined]]);
    await bench.after(3_600_000);
    expect(bench.sockets).toHaveLength(1);
    bench.network.go('online');
    expect(lastOf<StateChanged>(bench, 'state')).toMatchObject({ from: 'offline', to: 'waiting', wait: 500 });
    await bench.after(500);
    expect(bench.sockets).toHaveLength(2);
  });

  it('is quick after a network that went from a connection that lived', async () => {
    const bench = new ClientBench();
    bench.client.connect();
    await bench.settle();
    bench.socket.fail();
    await bench.after(500);
    bench.socket.open();
    bench.timers.advance(60_000);
    bench.network.go('offline');
    bench.network.go('online');
    expect(lastOf<StateChanged>(bench, 'state').wait).toBe(500);
  });

  it('does not begin without a network', async () => {
    const bench = new ClientBench();
    bench.network.go('offline');
    bench.client.connect();
    await bench.settle();
    expect([bench.path, bench.sockets]).toEqual([['offline'], []]);
  });
});

describe('a token', () => {
  it('is asked for before each connection, and travels as a subprotocol only', async () => {
    const asked: TokenRequest[] = [];
    const getToken = async (request: TokenRequest) => `t${asked.push(request)}`;
    const bench = new ClientBench({ protocols: ['chat.v1'], getToken });
    (await bench.open()).end(1001);
    await bench.after(500);
    bench.socket.fail();
    await bench.after(1_000);
    expect(bench.sockets.map(({ offers }) => offers)).toEqual(
      ['t1', 't2', 't3'].map((token) => ['chat.v1', `bearer.${token}`]),
    );
    expect(bench.sockets.map(({ url }) => url)).toEqual(Array(3).fill('wss://localhost/chat'));
    expect(asked.map(({ fresh, failures }) => [fresh, failures])).toEqual([
      [false, 0],
      [false, 1],
      [false, 2],
    ]);
  });

  it('is to be fresh after 3000, until it is let in', async () => {
    const fresh: boolean[] = [];
    const bench = new ClientBench({ getToken: (request) => `t${fresh.push(request.fresh)}` });
    (await bench.open()).end(3000, 'session_expired');
    await bench.after(500);
    bench.socket.fail();
    await bench.after(1_000);
    bench.socket.open();
    bench.socket.end(1001);
    await bench.after(2_000);
    expect(fresh).toEqual([false, true, true, false]);
  });

  it('that cannot be had is a failed attempt', async () => {
    const cause = new Error('signed out');
    const bench = new ClientBench({ getToken: () => Promise.reject(cause), reconnect: { attempts: 1 } });
    bench.client.connect();
    await bench.settle();
    expect(lastOf<Failed>(bench, 'error').error).toMatchObject({ code: 'token_failed', cause });
    expect(bench.client.state).toBe('waiting');
    await bench.after(500);
    expect(lastOf<Closed>(bench, 'close')).toMatchObject({ cause: 'gave-up' });
    expect(bench.sockets).toEqual([]);
  });

  it('that comes too late is told so, and is not used', async () => {
    const signals: AbortSignal[] = [];
    let give = (_token: string): void => {};
    const bench = new ClientBench({
      connectTimeout: 1_000,
      getToken: ({ signal }) => {
        signals.push(signal);
        return new Promise((resolve) => {
          give = resolve;
        });
      },
    });
    bench.client.connect();
    await bench.settle();
    expect(signals[0]?.aborted).toBe(false);
    bench.timers.advance(1_000);
    expect([signals[0]?.aborted, bench.client.state]).toEqual([true, 'waiting']);
    give('late');
    await bench.settle();
    expect(bench.sockets).toEqual([]);
  });

  it.each(['sec ret', '', 'a,b', 'sécret', undefined])(
    '%j, which no subprotocol can carry, is not repeated',
    async (token) => {
      const bench = new ClientBench({ getToken: () => token as string });
      bench.client.connect();
      await bench.settle();
      const { error } = lastOf<Failed>(bench, 'error');
      expect([error.code, error.cause, bench.sockets]).toEqual(['token_malformed', undefined, []]);
      if (token) expect(error.message).not.toContain(token);
    },
  );

  it('stands in no error, whatever the platform says', async () => {
    const getToken = () => 'c2VjcmV0';
    const quoting = class {
      constructor(_url: string, offers: string[] = []) {
        throw new SyntaxError(`The subprotocol '${offers.at(-1)}' is invalid`);
      }
    };
    const thrown = new ClientBench({ getToken, WebSocket: quoting as never });
    thrown.client.connect();
    await thrown.settle();
    const failed = new ClientBench({ getToken });
    failed.client.connect();
    await failed.settle();
    failed.socket.fail('refused: bearer.c2VjcmV0');
    for (const bench of [thrown, failed]) {
      const { error } = lastOf<Failed>(bench, 'error');
      expect([error.code, error.cause]).toEqual(['connect_failed', undefined]);
      expect(`${error.message} ${error.stack}`).not.toContain('c2VjcmV0');
    }
  });

  it('goes over wss only', () => {
    const make = (url: string, more: ClientOptions = {}) =>
      new Client(url, { WebSocket: FakeSocket, ...more });
    expect(() => make('ws://localhost/', { getToken: () => 't' })).toThrow(/wss: only/);
    expect(() => make('https://localhost/')).toThrow(TypeError);
    expect(() => make('ws://localhost/')).not.toThrow();
    expect(make('wss://localhost/chat#part').url).toBe('wss://localhost/chat');
    expect(() => make('/chat')).toThrow(TypeError);
    expect(() => make('wss://localhost/', { protocols: ['a b'] })).toThrow(/not a token/);
  });
});

describe('an end', () => {
  it('by close is a closing handshake, after all that was queued', async () => {
    const bench = new ClientBench({ highWater: 10 });
    const socket = await bench.open();
    socket.bufferedAmount = 10;
    bench.client.send('queued');
    bench.client.close(4000, 'bye');
    expect([socket.sent, socket.closedWith, bench.client.state]).toEqual([
      ['queued'],
      [4000, 'bye'],
      'closing',
    ]);
    socket.receive('last words');
    socket.end(4000, 'bye');
    expect(bench.of('message')).toHaveLength(1);
    expect(lastOf<Closed>(bench, 'close')).toMatchObject({
      code: 4000,
      cause: 'asked',
      wasClean: true,
      unsent: 0,
    });
    expect(bench.timers.pending).toBe(0);
  });

  it('does not wait for ever for the answer', async () => {
    const bench = new ClientBench({ closeTimeout: 700 });
    await bench.open();
    bench.client.close();
    bench.timers.advance(700);
    expect(lastOf<Closed>(bench, 'close')).toMatchObject({ code: 1006, wasClean: false, cause: 'asked' });
  });

  it('before it was open tells how much was never sent', () => {
    const bench = new ClientBench();
    bench.client.send('a');
    bench.client.send('b');
    bench.client.close();
    expect(lastOf<Closed>(bench, 'close')).toMatchObject({ code: 1000, cause: 'asked', unsent: 2 });
    expect(() => bench.client.send('c')).toThrow(expect.objectContaining({ code: 'closed' }));
  });

  it.each([999, 1001, 1006, 2999, 5000])('with %d is not for a client to choose', (code) => {
    expect(() => new ClientBench().client.close(code)).toThrow(RangeError);
  });

  it('has a reason of 123 bytes at most', () => {
    const { client } = new ClientBench();
    expect(() => client.close(1000, 'é'.repeat(62))).toThrow(RangeError);
    client.close(1000, 'é'.repeat(61));
    expect(client.state).toBe('closed');
  });

  it('comes with the signal, at any time', async () => {
    const abort = new AbortController();
    const [early, late] = [1, 2].map(() => new ClientBench({ signal: abort.signal }));
    const socket = await early!.open();
    abort.abort();
    expect(early!.client.state).toBe('closing');
    socket.end(1000);
    expect(lastOf<Closed>(early!, 'close')).toMatchObject({ cause: 'aborted' });
    expect([late!.path, lastOf<Closed>(late!, 'close').cause]).toEqual([['closed'], 'aborted']);
    const after = new ClientBench({ signal: abort.signal });
    after.client.connect();
    await after.settle();
    expect([after.path, after.sockets, after.network.watchers.size]).toEqual([['closed'], [], 0]);
  });

  it('by `await using` is waited for', async () => {
    const bench = new ClientBench();
    const socket = await bench.open();
    let disposed = false;
    const disposing = bench.client[Symbol.asyncDispose]().then(() => {
      disposed = true;
    });
    await bench.settle();
    expect(disposed).toBe(false);
    socket.end(1000);
    await disposing;
    await bench.client[Symbol.asyncDispose]();
    expect(bench.of('close')).toHaveLength(1);
  });

  it('asked for by the listener of an error is the end', async () => {
    const bench = new ClientBench({ heartbeat: { interval: 100, timeout: 50, message: () => 'ping' } });
    bench.client.addEventListener('error', () => bench.client.close());
    await bench.open();
    bench.timers.advance(150);
    expect([bench.path.at(-1), bench.timers.pending]).toEqual(['closed', 0]);
  });

  it('asked for by a listener of the state comes before any open', async () => {
    const bench = new ClientBench();
    bench.client.addEventListener('state', ({ to }) => {
      if (to === 'open') bench.client.close();
    });
    await bench.open();
    expect([bench.client.state, bench.of('open')]).toEqual(['closing', []]);
  });

  it('asked for at once asks for no token', async () => {
    let asked = 0;
    const bench = new ClientBench({ getToken: () => `t${asked++}` });
    bench.client.connect();
    bench.client.close();
    await bench.settle();
    expect(asked).toBe(0);
  });

  it('leaves nobody listening to the signal', () => {
    const { signal } = new AbortController();
    const { client } = new ClientBench({ signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    client.close();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('asked for by getToken is the end', async () => {
    const bench: ClientBench = new ClientBench({
      getToken: () => {
        bench.client.close();
        return 'token';
      },
    });
    bench.client.connect();
    await bench.settle();
    expect([bench.path, bench.sockets]).toEqual([['connecting', 'closed'], []]);
  });
});
