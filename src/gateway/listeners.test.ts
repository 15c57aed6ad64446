import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { listeners as schema } from '../config/listener.ts';
import { createDevelopmentCa } from '../edge/development-ca.ts';
import { OptionsError } from '../pipeline/context.ts';
import { silentRecorder } from '../record/recorder.ts';
import { createServices } from '../store/services.ts';
import { addressFault, Listeners } from './listeners.ts';

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-listeners-'));
  const { cert, key } = await (await createDevelopmentCa()).issue({ dns: ['localhost'] });
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true }));

const create = (): Listeners =>
  new Listeners({ upgrade: ({ socket }) => void socket.destroy() }, createServices(silentRecorder), (name) =>
    join(folder, name),
  );

/** Listeners as they are configured: address by name. */
function options(addresses: Record<string, string>, cert = 'cert.pem') {
  const tls = { certificates: [{ cert, key: 'key.pem' }] };
  return schema.parse(
    Object.fromEntries(Object.entries(addresses).map(([name, address]) => [name, { address, tls }])),
  );
}

async function call(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

describe('listeners', () => {
  it('are opened when they are prepared, found when that is committed, and closed if it is discarded', async () => {
    const listeners = create();
    const first = await listeners.prepare(options({ public: '127.0.0.1:0' }));
    expect(listeners.get('public')).toBeUndefined();
    first.commit();
    const { port } = listeners.address('public')!;
    const other = await listeners.prepare(options({ public: '127.0.0.1:0', second: '127.0.0.1:0' }));
    other.discard();
    expect(listeners.get('second')).toBeUndefined();
    expect(listeners.address('public')!.port).toBe(port);
    (await call(port)).destroy();
    listeners.close();
    await expect(call(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('that are removed are there for those who came by them, and gone with the last', async () => {
    const listeners = create();
    (await listeners.prepare(options({ public: '127.0.0.1:0', second: '127.0.0.1:0' }))).commit();
    const second = listeners.get('second')!;
    const guest = await call(listeners.address('second')!.port);
    await vi.waitFor(() => expect(second.connections).toBe(1));
    (await listeners.prepare(options({ public: '127.0.0.1:0' }))).commit();
    expect(listeners.address('second')).toBeUndefined();
    expect(listeners.get('second')).toBe(second);
    expect(listeners.certificates()).toHaveLength(1);
    guest.destroy();
    await vi.waitFor(() => expect(listeners.get('second')).toBeUndefined());
    listeners.close();
  });

  it('say which of them cannot be prepared and where, and then none is', async () => {
    const listeners = create();
    (await listeners.prepare(options({ public: '127.0.0.1:0' }))).commit();
    const { port } = listeners.address('public')!;
    const broken = options({ second: '127.0.0.1:0', third: `127.0.0.1:${port}` });
    const error = await listeners.prepare(broken).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OptionsError);
    expect((error as OptionsError).problems).toEqual([
      { path: ['third', 'address'], message: `port ${port} is in use` },
    ]);
    const missing = await listeners
      .prepare(options({ public: '127.0.0.1:0' }, 'no.pem'))
      .catch((thrown) => thrown);
    expect(missing.problems[0].path.slice(0, 4)).toEqual(['public', 'tls', 'certificates', 0]);
    expect(listeners.get('second')).toBeUndefined();
    listeners.close();
  });

  it.each([
    [{ code: 'EADDRINUSE', port: 1 }, 'port 1 is in use'],
    [{ code: 'EACCES', port: 1 }, 'this process may not listen on port 1'],
    [{ code: 'EADDRNOTAVAIL', address: '192.0.2.1' }, 'this machine has no address 192.0.2.1'],
    [new Error('something else'), 'something else'],
  ])('have words for %j', (error, words) => {
    expect(addressFault(error)).toBe(words);
  });
});
