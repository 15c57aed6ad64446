import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { build, MAIN } from '../support/built.ts';

// What a command loads, it pays for in time, and a gateway in memory: with several workers, as often as there are workers.

let folder: string;
let hooks: string[];

beforeAll(() => {
  build();
  folder = mkdtempSync(path.join(tmpdir(), 'sallyport-modules-'));
  // A loader that writes down the address of each module.
  const loader = `import { appendFileSync } from 'node:fs';
    export function load(url, context, next) { appendFileSync(process.env.MODULES, url + '\\n'); return next(url, context); }`;
  const register = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(loader))});`;
  hooks = ['--import', dataUrl(register)];
});

afterAll(() => rmSync(folder, { recursive: true }));

function dataUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

/** Where a process of this name writes what it loads. */
function environment(name: string): NodeJS.ProcessEnv {
  return { ...process.env, MODULES: path.join(folder, name) };
}

/** Modules of ours as `cli/main.js`, those of others by the name of their package. */
function loadedBy(name: string): ReadonlySet<string> {
  const urls = readFileSync(path.join(folder, name), 'utf8').trim().split('\n');
  return new Set(
    urls.flatMap((url) => {
      const [, other] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
      return other ?? /\/dist\/(.*)$/.exec(url)?.[1] ?? [];
    }),
  );
}

const folderOf = (module: string): string => module.split('/', 1)[0]!;

describe.each(['--version', '--help'])('sallyport %s', (option) => {
  it('loads no verb, and no package', () => {
    execFileSync(process.execPath, [...hooks, MAIN, option], { env: environment(option) });
    const loaded = [...loadedBy(option)];
    expect(loaded).toContain('cli/verbs.js');
    expect(loaded.filter((module) => !module.startsWith('cli/'))).toEqual(['config/nearest.js']);
    expect(loaded.length).toBeLessThan(15);
  });
});

describe('sallyport serve', () => {
  beforeAll(async () => {
    const { cert, key } = await (await createDevelopmentCa()).issue({ dns: ['localhost'] });
    writeFileSync(path.join(folder, 'cert.pem'), cert);
    writeFileSync(path.join(folder, 'key.pem'), key, { mode: 0o600 });
    const file = path.join(folder, 'sallyport.yaml');
    writeFileSync(
      file,
      `listeners: { public: { address: 127.0.0.1:0, tls: { certificates: [{ cert: cert.pem, key: key.pem }] } } }
identities: { visitors: { anonymous: {} } }
routes:
  - { name: chat, match: { path: / }, origins: none-required, identify: [visitors], upstream: { url: "ws://127.0.0.1:9" } }
`,
    );
    const child = spawn(process.execPath, [...hooks, MAIN, 'serve', '--no-watch', file], {
      env: environment('serve'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface(child.stdout!)) if (line.includes('gateway.started')) break;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  it('loads nothing of the verbs that act on endpoints', () => {
    const folders = new Set([...loadedBy('serve')].map(folderOf));
    expect(folders).toContain('session');
    for (const other of ['audit', 'load', 'fuzz', 'rehearse', 'report']) expect(folders).not.toContain(other);
  });

  it.each([
    [
      'a store',
      ['lmdb', '@redis/client', 'store/lmdb-store.js', 'store/redis-store.js', 'store/redis-bus.js'],
    ],
    ['an admin API', ['hono', '@hono/node-server', 'admin/app.js']],
    ['client certificates', ['@peculiar/x509', 'edge/client-certificates.js']],
  ])('loads nothing of %s that it has not', (_, modules) => {
    const loaded = loadedBy('serve');
    expect(modules.filter((module) => loaded.has(module))).toEqual([]);
  });
});
