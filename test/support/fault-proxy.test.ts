import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultProxy } from './fault-proxy.ts';
import type { Toxics } from './toxics.ts';

let server: Server;
let proxy: FaultProxy;
/** The sockets that came to the target. */
let arrived: Socket[];
const sockets: Socket[] = [];

beforeEach(async () => {
  arrived = [];
  server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    arrived.push(socket.on('error', () => {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await FaultProxy.listen((server.address() as AddressInfo).port, { seed: 7 });
});

afterEach(async () => {
  for (const socket of [...sockets.splice(0), ...arrived]) socket.destroy();
  await proxy.close();
  server.close();
});

/** Both ends of a connection through the proxy. */
async function open(): Promise<{ near: Socket; far: Socket }> {
  const near = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  sockets.push(near.on('error', () => {}));
  const from = arrived.length;
  await Promise.all([once(near, 'connect'), arrived.length > from || once(server, 'connection')]);
  return { near, far: arrived[from]! };
}

/** All that comes until the end, and how it came. */
interface Taken {
  readonly bytes: Buffer;
  readonly chunks: readonly number[];
  readonly ended: 'end' | 'reset' | 'close';
  /** Milliseconds since the call: of the first byte and of the end. */
  readonly first: number;
  readonly last: number;
}

function take(socket: Socket): Promise<Taken> {
  const begun = performance.now();
  const parts: Buffer[] = [];
  let first = Number.NaN;
  return new Promise((resolve) => {
    const done = (ended: Taken['ended']): void => {
      const chunks = parts.map(({ length }) => length);
      resolve({ bytes: Buffer.concat(parts), chunks, ended, first, last: performance.now() - begun });
    };
    socket.on('data', (chunk) => {
      if (parts.length === 0) first = performance.now() - begun;
      parts.push(chunk);
    });
    socket
      .on('end', () => done('end'))
      .on('close', (hadError) => done(hadError ? 'reset' : 'close'))
      .on('error', () => done('reset'));
  });
}

const MESSAGE = Buffer.from(Array.from({ length: 20_000 }, (_, i) => i % 251));

describe('without faults', () => {
  it('passes on what is said in both directions, and each end by itself', async () => {
    const { near, far } = await open();
    const [up, down] = [take(far), take(near)];
    near.end(MESSAGE);
    expect(await up).toMatchObject({ bytes: MESSAGE, ended: 'end' });
    far.end('an answer after the end of the question');
    expect(String((await down).bytes)).toBe('an answer after the end of the question');
    expect(proxy.knocks).toBe(1);
  });

  it('cuts every connection when it is told, and lets others in', async () => {
    const { near, far } = await open();
    const ends = Promise.all([take(near), take(far)]);
    proxy.cut();
    expect((await ends).map(({ ended }) => ended)).toEqual(['reset', 'reset']);
    await open();
    expect(proxy.knocks).toBe(2);
  });

  it('that leads nowhere resets, and that is down refuses', async () => {
    const { target } = proxy;
    proxy.target = undefined;
    const reset = connect(proxy.port, '127.0.0.1');
    expect((await once(reset, 'error'))[0]).toMatchObject({ code: 'ECONNRESET' });
    await proxy.down();
    const refused = connect(proxy.port, '127.0.0.1');
    expect((await once(refused, 'error'))[0]).toMatchObject({ code: 'ECONNREFUSED' });
    proxy.target = target;
    await proxy.up();
    await open();
  });
});

/** What comes of the message with these faults in its direction; nothing may happen to the other one. */
async function through(toxics: Toxics, direction: 'upstream' | 'downstream' = 'upstream'): Promise<Taken> {
  proxy.infect(direction, toxics);
  const { near, far } = await open();
  const [source, sink] = direction === 'upstream' ? [near, far] : [far, near];
  const taken = take(sink);
  source.on('data', () => {}).end(MESSAGE);
  return taken;
}

describe.each(['upstream', 'downstream'] as const)('%s', (direction) => {
  it('latency: later, whole and in order', async () => {
    const { first, bytes } = await through({ latency: { delay: 80, jitter: 20 } }, direction);
    expect(first).toBeGreaterThan(55);
    expect(bytes).toEqual(MESSAGE);
  });

  it('bandwidth: takes its time', async () => {
    const { bytes, last } = await through({ bandwidth: 100_000 }, direction);
    expect(bytes).toEqual(MESSAGE);
    expect(last).toBeGreaterThan(150); // 20,000 bytes at 100,000 a second
  });

  it('slicer: comes in pieces of this size', async () => {
    const { bytes, chunks } = await through({ slicer: { size: 1_500, variation: 400, delay: 1 } }, direction);
    expect(bytes).toEqual(MESSAGE);
    expect(chunks.length).toBeGreaterThan(9);
  });

  it('limit_data: exactly so many bytes, and an end', async () => {
    const { bytes, ended } = await through({ limitData: 1_234 }, direction);
    expect(bytes).toEqual(MESSAGE.subarray(0, 1_234));
    expect(ended).toBe('end');
  });

  it('reset_peer: a reset after so many bytes', async () => {
    const { bytes, ended } = await through({ resetPeer: 1_234, slicer: { size: 100, delay: 1 } }, direction);
    expect(ended).toBe('reset'); // which may overtake the last of them
    expect(bytes).toEqual(MESSAGE.subarray(0, bytes.length));
    expect(bytes.length).toBeLessThanOrEqual(1_234);
  });

  it('slow_close: the end comes later than the rest', async () => {
    const { first, last, ended, bytes } = await through({ slowClose: 120 }, direction);
    expect([ended, bytes.length]).toEqual(['end', MESSAGE.length]);
    expect(last - first).toBeGreaterThan(90);
  });

  it('timeout: nothing, and then a reset', async () => {
    const { bytes, ended, last } = await through({ timeout: 100 }, direction);
    expect([ended, bytes.length]).toEqual(['reset', 0]);
    expect(last).toBeGreaterThan(80);
  });
});

describe('while connections run', () => {
  it('a black hole in one direction holds it up and not the other, until it is gone', async () => {
    const { near, far } = await open();
    proxy.infect('upstream', { timeout: 0 });
    const [up, down] = [take(far), take(near)];
    near.end('held');
    far.end('passes');
    expect(String((await down).bytes)).toBe('passes');
    const early = await Promise.race([up, new Promise((resolve) => setTimeout(resolve, 60, 'nothing'))]);
    expect(early).toBe('nothing');
    proxy.heal();
    expect(String((await up).bytes)).toBe('held');
  });

  it('a partition lets nothing pass either way, and nobody is told', async () => {
    const { near, far } = await open();
    proxy.partition();
    const came: string[] = [];
    near.on('data', () => came.push('near')).on('close', () => came.push('closed'));
    far.on('data', () => came.push('far'));
    near.write('a');
    far.write('b');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(came).toEqual([]);
    const both = Promise.all([once(near, 'data'), once(far, 'data')]);
    proxy.heal();
    await both;
  });

  it('counts the bytes of a limit from the start of the connection', async () => {
    const { near, far } = await open();
    const taken = take(far);
    const seen = once(far, 'data');
    near.write(Buffer.alloc(100));
    await seen;
    proxy.infect('upstream', { limitData: 150 });
    near.write(Buffer.alloc(100));
    expect((await taken).bytes).toHaveLength(150);
  });
});

it('stops a sender whose bytes go nowhere', async () => {
  proxy.infect('upstream', { timeout: 0 });
  const { near } = await open();
  const blocks = 64;
  let sent = 0;
  const pour = (): void => {
    while (sent < blocks && near.write(Buffer.alloc(1_048_576))) sent++;
  };
  near.on('drain', pour);
  pour();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(sent).toBeLessThan(blocks); // the rest is with the sender
});

it('makes the same of the same seed', async () => {
  const { around, randomOf } = await import('./toxics.ts');
  const row = (seed: number): number[] => {
    const random = randomOf(seed);
    return Array.from({ length: 5 }, () => around(100, 50, 0, random));
  };
  expect(row(3)).toEqual(row(3));
  expect(row(3)).not.toEqual(row(4));
  expect(row(3).every((value) => value >= 50 && value <= 150)).toBe(true);
});
