import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Input, type State, TRANSITIONS } from '../../src/client/states.ts';
import { fencesOf } from '../support/markdown.ts';
import { createSandbox } from '../support/sandbox.ts';

// docs/client.md, and what it promises: small, for browsers too, and with these states.

const PAGE = 'docs/client.md';
const text = readFileSync(PAGE, 'utf8');

describe('the bundle of the client', () => {
  let bundle = '';

  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: ['src/client/index.ts'],
      bundle: true,
      minify: true,
      write: false,
      platform: 'browser', // a module of Node is an error
      format: 'iife',
      globalName: 'sallyport',
    });
    bundle = outputFiles[0]?.text ?? '';
  });

  it('is as small as the page says', () => {
    const [, kibibytes] = /less than (\d+) KiB \(gzip\)/.exec(text) ?? [];
    expect(gzipSync(bundle).length).toBeLessThan(Number(kibibytes) * 1_024);
    expect(bundle.length).toBeGreaterThan(4_000);
  });

  it('runs where there is nothing of Node', async () => {
    const { promise, resolve: done } = deferred<unknown>();
    const browser = createContext({
      ...{ AbortController, Event, EventTarget, TextEncoder, URL, clearTimeout, performance, setTimeout },
      navigator: { onLine: true },
      addEventListener: () => {},
      removeEventListener: () => {},
      WebSocket: Echo,
      done,
    });
    runInContext(bundle, browser);
    runInContext(
      `const client = new sallyport.Client('wss://ws.example.com/', { getToken: () => 'token' });
      client.addEventListener('message', ({ data }) => { client.close(); done([data, client.state]); });
      client.send('hello');
      client.connect();`,
      browser,
    );
    expect(await promise).toEqual(['hello', 'closing']);
  });
});

it('has types that need no Node, and examples that are right', async () => {
  const sandbox = await createSandbox();
  const files = fencesOf(PAGE)
    .filter(({ language }) => language === 'ts')
    .map(({ text }, index) => sandbox.write(`example${index}.mts`, text));
  files.push(
    sandbox.write(
      'page.mts',
      "import { Client } from 'sallyport/client';\nnew Client('wss://localhost/', { WebSocket });\n",
    ),
  );
  const config = sandbox.write(
    'tsconfig.json',
    JSON.stringify({
      extends: resolve('tsconfig.json'),
      compilerOptions: { types: [], lib: ['ES2023', 'ESNext.Disposable', 'DOM'] },
      include: [],
      files,
    }),
  );
  const { stdout } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', config]);
  sandbox.remove();
  expect(files).toHaveLength(4);
  expect(String(stdout)).toBe('');
});

it('shows every state and where each input leads', () => {
  const [, header = ''] = /^\| state \|(.*)\|$/m.exec(text) ?? [];
  const inputs = header.split('|').map((input) => input.trim()) as Input[];
  const rows = [...text.matchAll(/^\| `(\w+)` \|(.*)\|$/gm)];
  const shown = rows.map(([, state, cells = '']) => [
    state,
    Object.fromEntries(
      cells.split('|').flatMap((cell, i) => (cell.trim() ? [[inputs[i], cell.trim()]] : [])),
    ),
  ]);
  expect(Object.fromEntries(shown)).toEqual(TRANSITIONS);
  expect(shown.map(([state]) => state)).toEqual(Object.keys(TRANSITIONS) as State[]);
});

it('draws them as the source does', () => {
  const picture = fencesOf(PAGE).find(({ language }) => language === 'text')?.text ?? '';
  const drawn = (lines: string): string[] => lines.split('\n').map((line) => line.replace(/^ \*/, '').trim());
  const source = drawn(readFileSync('src/client/states.ts', 'utf8'));
  for (const line of drawn(picture)) expect(source).toContain(line);
});

/** A WebSocket that sends back what it is sent. */
class Echo {
  readonly bufferedAmount = 0;
  readonly protocol = '';
  readyState = 0;
  readonly #listeners = new Map<string, (event: object) => void>();

  addEventListener(type: string, listener: (event: object) => void): void {
    this.#listeners.set(type, listener);
    if (type === 'close') setImmediate(() => this.#open());
  }

  send(data: string): void {
    setImmediate(() => this.#listeners.get('message')?.({ type: 'message', data }));
  }

  close(): void {
    setImmediate(() => this.#listeners.get('close')?.({ type: 'close', code: 1000 }));
  }

  #open(): void {
    this.readyState = 1;
    this.#listeners.get('open')?.({ type: 'open' });
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve = (_value: T): void => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
