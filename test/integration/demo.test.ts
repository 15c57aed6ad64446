import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { ACTS } from '../../examples/demo/script.ts';

// `npm start` as somebody who has just cloned the repository sees it. Each test starts processes.
vi.setConfig({ testTimeout: 90_000 });

const ROOT = join(import.meta.dirname, '../..');
const START = join(ROOT, 'scripts/start.mjs');
const running = new Set<Demo>();
let folder: string;

beforeAll(() => {
  // What `npm test` has done already: the demonstration then says nothing of it.
  execFileSync(process.execPath, ['-e', "import('./scripts/setup.mjs').then((setup) => setup.build())"], {
    cwd: ROOT,
  });
  folder = mkdtempSync(join(tmpdir(), 'sallyport-demo-'));
});
afterEach(() => {
  for (const demo of running) demo.kill();
});
afterAll(() => rmSync(folder, { recursive: true }));

class Demo {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  readonly out: string[] = [];
  readonly err: string[] = [];

  constructor(...args: string[]) {
    const ports = ['--port', '0', '--admin-port', '0', '--folder', folder];
    this.child = spawn(process.execPath, [START, ...ports, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a group of its own, as a terminal gives it: Ctrl-C is a signal to all of it
    });
    createInterface(this.child.stdout!).on('line', (line) => this.out.push(line));
    createInterface(this.child.stderr!).on('line', (line) => this.err.push(line));
    this.exit = once(this.child, 'close').then(([code]) => {
      running.delete(this);
      return code as number | null;
    });
    running.add(this);
  }

  /** The first line with this in it, now or when it comes. */
  async line(part: string): Promise<string> {
    let ended = false;
    void this.exit.then(() => {
      ended = true;
    });
    for (;;) {
      const found = this.out.find((line) => line.includes(part));
      if (found) return found;
      if (ended) throw new Error(`ended before it said "${part}": ${this.err.join('\n')}`);
      await Promise.race([once(this.child.stdout!, 'data'), this.exit]);
    }
  }

  /** As Ctrl-C does. */
  interrupt(): void {
    process.kill(-this.child.pid!, 'SIGINT');
  }

  kill(): void {
    process.kill(-this.child.pid!, 'SIGKILL');
  }
}

test('plays every scene as it should be, and exits 0', async () => {
  const demo = new Demo('--once');
  expect(await demo.exit).toBe(0);
  const marks = demo.out.filter((line) => /^ {2}[✓✗]/.test(line));
  const titles = ACTS.flatMap(({ scenes }) => scenes.map(({ title }) => title));
  expect(marks.map((line) => line.split(/ {2,}/)[1])).toEqual(titles.map((title) => `✓ ${title}`));
  // Both serial numbers, below the line that they belong to.
  const renewed = demo.out.findIndex((line) => line.includes('the certificate is renewed'));
  const serials = demo.out.slice(renewed + 1, renewed + 3).map((line) => line.trim().split(/ +/));
  expect(serials.map(([when]) => when)).toEqual(['before', 'after']);
  expect(new Set(serials.map(([, serial]) => serial)).size).toBe(2);
  expect(Math.max(...demo.out.map((line) => line.length))).toBeLessThan(100);
  expect(demo.out.join('')).not.toContain('\x1b'); // not a terminal: no colours
});

test('then stays up, serves a chat page over HTTPS, and drains on Ctrl-C; nothing is set up twice', async () => {
  const demo = new Demo();
  const page = /https:\/\/localhost:\d+\//.exec(await demo.line('Chat page'))![0];
  const metrics = /Bearer (\S+)' (http:\S+)/.exec(await demo.line('Metrics'))!;
  await demo.line('Ctrl-C');
  const ca = readFileSync(join(folder, 'ca.pem'));
  const fetched = async (url: string) => {
    const [response] = await once(get(url, { ca }), 'response');
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  };
  const html = await fetched(page);
  expect([html.status, html.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(html.body).toContain('<script src="/chat.js">');
  expect((await fetched(`${page}chat.js`)).body).toContain('new WebSocket(`wss://');
  expect((await fetched(`${page}token?person=alice`)).body.split('.')).toHaveLength(3);
  expect((await fetched(`${page}token?person=constructor`)).status).toBe(404);
  expect((await fetched(`${page}chat`)).status).toBe(426); // the socket's own path, on the same listener
  const [, token, url] = metrics;
  const scraped = await fetch(url!, { headers: { authorization: `Bearer ${token}` } });
  expect(await scraped.text()).toContain('sallyport_handshakes_total');
  demo.interrupt();
  expect(await demo.exit).toBe(0);
  expect(demo.out).toContain('  draining …');
  expect(demo.err).toEqual([]);
});

// OP-09
test('a busy port is one clear line', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };
  const demos = ['--port', '--admin-port'].map((option) => new Demo('--once', option, String(port)));
  for (const demo of demos) {
    expect(await demo.exit).toBe(1);
    expect(demo.err).toEqual([
      `sallyport: port ${port} is in use: stop what listens there, or say --port N (--admin-port N)`,
    ]);
  }
  holder.close();
});

test('a folder that cannot be made, a port or an option that is none, is one clear line', async () => {
  const demos: [Demo, RegExp][] = [
    [new Demo('--folder', join(file(), 'demo')), /^sallyport: cannot write \S+: ENOTDIR; --folder PATH/],
    [new Demo('--port', '8443x'), /^sallyport: --port wants a number from 0 to 65535$/],
    [new Demo('--prot', '1'), /^sallyport: Unknown option '--prot'$/],
  ];
  for (const [demo, line] of demos) {
    expect(await demo.exit).toBe(1);
    expect(demo.err).toEqual([expect.stringMatching(line)]);
    expect(demo.out).toEqual([]);
  }
});

/** A file where a folder is wanted: root, who runs many a test, is stopped by no permission. */
function file(): string {
  const name = join(folder, 'file');
  writeFileSync(name, '');
  return name;
}
