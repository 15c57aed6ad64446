import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { openRaw, UpgradeRefused } from './raw-client.ts';
import { close, encode, more, OPEN, ping, text } from './raw-frames.ts';
import { ANSWERS, RawServer, refuseWith } from './raw-server.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const done of closers.splice(0)) await done();
});

async function wsServer(): Promise<number> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('error', () => {}); // what it makes of our mistakes is read from the wire
  });
  await once(server, 'listening');
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function rawServer(options: Parameters<typeof RawServer.listen>[0]): Promise<RawServer> {
  const server = await RawServer.listen(options);
  closers.push(() => server.close());
  return server;
}

describe('the raw client against ws', () => {
  it('is echoed, answers pings and closes', async () => {
    const { peer } = await openRaw({ port: await wsServer() });
    peer.send(text('he', OPEN), ping('p'), more('llo'), close(1000, 'bye'));
    expect((await peer.next()).kind).toBe('pong');
    expect((await peer.next()).payload.toString()).toBe('hello');
    expect(await peer.closed()).toEqual({ code: 1000, reason: 'bye', how: 'fin' });
  });

  it('reads frames that arrive in single bytes, of every length form', async () => {
    const { peer } = await openRaw({ port: await wsServer() });
    for (const size of [0, 125, 126, 65_535, 65_536]) {
      peer.write(encode(text(Buffer.alloc(size, 'x')), true));
      expect((await peer.next()).payload.length).toBe(size);
    }
    await peer.writeInPieces(encode(text('slowly'), true), 1);
    expect((await peer.next()).payload.toString()).toBe('slowly');
    peer.reset();
    expect((await peer.closed()).how).toBe('self');
  });

  it('tells of what went wrong', async () => {
    const { peer } = await openRaw({ port: await wsServer() });
    peer.send(text('bare', { mask: 'wrong' }));
    expect(await peer.closed()).toMatchObject({ code: 1002, how: 'fin' });
    await expect(peer.next()).resolves.toMatchObject({ kind: 'close' });
    await expect(peer.next()).rejects.toThrow('ended (1002 by fin)');
  });
});

describe('the raw server against ws', () => {
  it('echoes and closes', async () => {
    const server = await rawServer({ echo: true });
    const socket = new WebSocket(server.url, ['chat']);
    await once(socket, 'open');
    expect(socket.protocol).toBe('chat');
    socket.send('hello');
    const [data] = await once(socket, 'message');
    expect(String(data)).toBe('hello');
    socket.close(4001, 'done');
    expect((await once(socket, 'close'))[0]).toBe(4001);
    expect(await (await server.next()).closed()).toMatchObject({ code: 4001, reason: 'done' });
  });

  it.each(['wrongAccept', 'unaskedExtension', 'garbage', 'hangUp', 'reset'] as const)(
    'makes ws give up with %s',
    async (name) => {
      const socket = new WebSocket((await rawServer({ answer: ANSWERS[name] })).url, {
        perMessageDeflate: false,
      });
      const [error] = await once(socket, 'error');
      expect(error).toBeInstanceOf(Error);
    },
  );

  it('refuses an upgrade, and the raw client says so', async () => {
    const { port } = await rawServer({ answer: refuseWith(403) });
    const refused = await openRaw({ port }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UpgradeRefused);
    expect(refused).toMatchObject({ status: 403 });
  });

  it('resets in the middle of a message', async () => {
    const server = await rawServer({});
    const { peer } = await openRaw({ port: server.port });
    const upstream = await server.next();
    upstream.send(text('unfin', OPEN));
    await peer.until(() => peer.frames.length === 1, 'the fragment');
    upstream.reset();
    expect(await peer.closed()).toEqual({ code: 1006, reason: '', how: 'reset' });
  });
});
