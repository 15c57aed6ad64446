import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ConfigError } from './config/problem.ts';
import { createDevelopmentCa } from './edge/development-ca.ts';
import { createGateway } from './gateway.ts';

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-gateway-'));
  const { cert, key } = await (await createDevelopmentCa()).issue({ dns: ['localhost'] });
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Written {
  port?: number;
  admin?: Record<string, unknown>;
  route?: Record<string, unknown>;
}

function configure({ port = 0, admin, route }: Written = {}): string {
  const file = join(folder, 'sallyport.yaml');
  const config = {
    listeners: {
      public: {
        address: `127.0.0.1:${port}`,
        tls: { certificates: [{ cert: 'cert.pem', key: 'key.pem' }] },
      },
    },
    ...(admin && { admin: { token: 'operators-token-0001', ...admin } }),
    identities: { visitors: { anonymous: {} } },
    routes: [
      {
        name: 'chat',
        match: { path: '/chat' },
        origins: 'none-required',
        identify: ['visitors'],
        upstream: { url: 'ws://127.0.0.1:9' },
        ...route,
      },
    ],
  };
  writeFileSync(file, stringify(config));
  return file;
}

const options = { watch: false, record: { destination: { write: () => {} } } };
const create = (written?: Written) => createGateway(configure(written), options);

/** Every problem with which this fails, as path and message. */
async function problemsOf(work: Promise<unknown>): Promise<[string, string][]> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).problems.map(({ path, message }) => [path, message]);
}

async function taken<T>(work: (port: number) => Promise<T>): Promise<T> {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };
  try {
    return await work(port);
  } finally {
    holder.close();
  }
}

describe('a gateway is not made', () => {
  it('of a configuration that is wrong in itself, in what it compiles to, or in what it reads', async () => {
    expect(await problemsOf(create({ route: { identify: ['nobody'] } }))).toMatchObject([
      ['routes[0].identify[0]', 'there is no identity of this name'],
    ]);
    expect(await problemsOf(create({ route: { authorize: [{ allow: '1 +' }] } }))).toMatchObject([
      ['routes[0].authorize[0].allow', expect.any(String)],
    ]);
    const tls = { cert: 'cert.pem', key: 'missing.pem' };
    expect(await problemsOf(create({ admin: { address: '127.0.0.1:0', tls } }))).toMatchObject([
      ['admin.tls.key', expect.stringContaining('cannot read the file')],
    ]);
  });
});

describe('a gateway that cannot open everything', () => {
  it('says all that is in its way, and leaves nothing open', async () => {
    const port = await taken(async (free) => free);
    await taken(async (busy) => {
      const gateway = await create({ port, admin: { address: `127.0.0.1:${busy}` } });
      const busyAdmin: [string, string] = ['admin.address', `port ${busy} is in use`];
      expect(await problemsOf(gateway.listen())).toEqual([busyAdmin]);
      await gateway.closed;
      const [error] = await once(connect(port, '127.0.0.1'), 'error');
      expect(error.code).toBe('ECONNREFUSED');
      await taken(async (other) => {
        const both = await create({ port: other, admin: { address: `127.0.0.1:${busy}` } });
        expect(await problemsOf(both.listen())).toEqual([
          ['listeners.public.address', `port ${other} is in use`],
          busyAdmin,
        ]);
      });
    });
  });
});

describe('a gateway', () => {
  it('knows where its listeners are, and only those', async () => {
    const gateway = await create();
    expect(() => gateway.address('public')).toThrow(RangeError); // not yet
    await gateway.listen();
    expect(gateway.address('public').port).toBeGreaterThan(0);
    expect(gateway.adminAddress).toBeUndefined();
    expect(() => gateway.address('other')).toThrow(RangeError);
    await gateway.close();
  });

  it('closes though it never listened', async () => {
    const gateway = await create();
    await gateway.close();
    await gateway.closed;
  });
});
