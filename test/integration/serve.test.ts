import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { EXIT } from '../../src/cli/exit.ts';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { build, MAIN } from '../support/built.ts';

// `sallyport serve` as an operator sees it: a process, its lines, its signals and its exit codes.

// Each test starts a process, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let authority: string;
let backend: WebSocketServer;
const running = new Set<Served>();

beforeAll(async () => {
  build();
  folder = mkdtempSync(path.join(tmpdir(), 'sallyport-serve-'));
  const ca = await createDevelopmentCa();
  const { cert, key } = await ca.issue({ dns: ['localhost'] });
  authority = ca.cert;
  writeFileSync(path.join(folder, 'cert.pem'), cert);
  writeFileSync(path.join(folder, 'key.pem'), key, { mode: 0o600 });
  backend = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(backend, 'listening');
});

afterEach(async () => {
  for (const served of running) await served.kill();
});

afterAll(() => {
  backend.close();
  rmSync(folder, { recursive: true });
});

interface Settings {
  port?: number;
  window?: string;
  more?: string;
}

function configure({ port = 0, window = '50ms', more = '' }: Settings = {}): string {
  const upstream = (backend.address() as { port: number }).port;
  const file = path.join(folder, 'sallyport.yaml');
  writeFileSync(
    file,
    `listeners: { public: { address: "127.0.0.1:${port}", tls: { certificates: [{ cert: cert.pem, key: key.pem }] } } }
drain: { window: ${window} }
identities: { visitors: { anonymous: {} } }
routes:
  - name: chat
    match: { path: /chat }
    origins: none-required
    identify: [visitors]
    upstream: { url: "ws://127.0.0.1:${upstream}" }
${more}`,
  );
  return file;
}

/** A running command. */
class Served {
  readonly #child: ChildProcess;
  readonly exit: Promise<number | null>;
  readonly errors: string[] = [];
  readonly #said: Record<string, unknown>[] = [];
  readonly #waiting = new Map<string, (line: Record<string, unknown>) => void>();

  constructor(...args: string[]) {
    this.#child = spawn(process.execPath, [MAIN, 'serve', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.exit = once(this.#child, 'close').then(([code]) => code as number | null);
    createInterface(this.#child.stdout!).on('line', (line) => this.#hear(JSON.parse(line)));
    createInterface(this.#child.stderr!).on('line', (line) => this.errors.push(line));
    running.add(this);
    void this.exit.then(() => running.delete(this));
  }

  #hear(line: Record<string, unknown>): void {
    this.#said.push(line);
    this.#waiting.get(String(line.event))?.(line);
  }

  /** The next line of this event that has not been waited for. */
  async line(event: string): Promise<Record<string, unknown>> {
    const at = this.#said.findIndex((line) => line.event === event);
    if (at >= 0) return this.#said.splice(at, 1)[0]!;
    const ended = this.exit.then((code) => {
      throw new Error(`ended with ${code} before ${event}: ${this.errors.join('\n')}`);
    });
    const heard = new Promise<void>((resolve) => this.#waiting.set(event, () => resolve()));
    await Promise.race([heard, ended]);
    return this.line(event);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exit;
  }
}

async function connect(served: Served): Promise<WebSocket> {
  const { address } = await served.line('gateway.started');
  return open(String(address));
}

async function open(address: string): Promise<WebSocket> {
  const client = new WebSocket(`wss://${address.replace('127.0.0.1', 'localhost')}/chat`, {
    ca: authority,
    family: 4,
  });
  await once(client, 'open');
  return client;
}

// OP-03
test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s drains: the client is told to come back, the exit is 0',
  async (signal) => {
    const served = new Served(configure());
    const client = await connect(served);
    served.signal(signal);
    const [code] = await once(client, 'close');
    expect(code).toBe(1012);
    expect(await served.exit).toBe(EXIT.done.code);
    expect(served.errors).toEqual([]);
  },
);

test('a second signal does not wait for the window', async () => {
  const served = new Served(configure({ window: '1h' }));
  const { address } = await served.line('gateway.started');
  const clients = await Promise.all([open(String(address)), open(String(address)), open(String(address))]);
  const closed = Promise.all(clients.map((client) => once(client, 'close')));
  served.signal('SIGTERM');
  await served.line('drain.started');
  served.signal('SIGTERM');
  expect(await served.exit).toBe(EXIT.cut.code);
  await closed;
});

test('SIGHUP reads anew, and a broken configuration changes nothing', async () => {
  const file = configure();
  const served = new Served('--no-watch', file);
  const client = await connect(served);
  configure({ more: '    limits: { perSubject: { connections: 5 } }\n' });
  served.signal('SIGHUP');
  expect(await served.line('gateway.reloaded')).toMatchObject({ generation: 2, drained: 0 });
  configure({ more: '    limts: {}\n' });
  served.signal('SIGHUP');
  expect(await served.line('gateway.reload_failed')).toMatchObject({
    generation: 2,
    file,
    line: 10,
    problems: 1,
  });
  client.ping();
  await once(client, 'pong');
  client.terminate();
});

test('a change of the file is seen without a signal', async () => {
  const served = new Served(configure());
  await served.line('gateway.started');
  configure({ more: '    limits: { perSubject: { connections: 5 } }\n' });
  expect(await served.line('gateway.reloaded')).toMatchObject({ generation: 2, cause: 'watch' });
});

// OP-09
test('a busy port is one clear line', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };
  const served = new Served(configure({ port }));
  expect(await served.exit).toBe(EXIT.failed.code);
  expect(served.errors).toEqual([
    expect.stringMatching(new RegExp(`listeners\\.public\\.address: .*${port}.* in use`)),
  ]);
  holder.close();
});

test('a broken configuration is one line for each problem', async () => {
  const served = new Served(configure({ more: '    limts: {}\n    observ: []\n' }));
  expect(await served.exit).toBe(EXIT.problems.code);
  expect(served.errors).toEqual([
    expect.stringMatching(
      /sallyport\.yaml:10:5 routes\[0\]\.limts: unknown key "limts"; did you mean "limits"\?$/,
    ),
    expect.stringMatching(
      /sallyport\.yaml:11:5 routes\[0\]\.observ: unknown key "observ"; did you mean "observe"\?$/,
    ),
  ]);
});

test('a drain is recorded from its beginning to its end', async () => {
  const served = new Served(configure({ window: '300ms' }));
  const { address } = await served.line('gateway.started');
  const clients = await Promise.all(Array.from({ length: 6 }, () => open(String(address))));
  const codes = clients.map(async (client) => (await once(client, 'close'))[0] as number);
  served.signal('SIGTERM');
  expect(await served.line('drain.started')).toMatchObject({ cause: 'signal', sessions: 6, seconds: 0.3 });
  expect(await Promise.all(codes)).toEqual(Array(6).fill(1012));
  expect(await served.line('drain.finished')).toMatchObject({ closed: 6, left: 0 });
  expect(await served.line('gateway.stopped')).toMatchObject({ sessions: 0 });
  expect(await served.exit).toBe(EXIT.done.code);
});

test('of a hundred SIGHUPs the last word counts, and no socket feels them', async () => {
  const served = new Served('--no-watch', configure());
  const client = await connect(served);
  for (let i = 0; i < 100; i++) served.signal('SIGHUP');
  configure({ more: '    limits: { perSubject: { connections: 5 } }\n' });
  served.signal('SIGHUP');
  for (;;) {
    const { generation, changed } = await served.line('gateway.reloaded');
    if (generation === 2) break;
    expect(changed).toBe(false);
  }
  client.ping();
  await once(client, 'pong');
  client.terminate();
});

// OP-07
test('a process that stood still for a while drops nobody', async () => {
  const served = new Served(
    configure({ more: '    lifetime: { idle: 2s, heartbeat: 1s, slowConsumer: 1s, closeTimeout: 1s }\n' }),
  );
  const client = await connect(served);
  served.signal('SIGSTOP');
  await pause(3_500); // longer than every deadline above; there is no event to wait for while nothing runs
  served.signal('SIGCONT');
  client.ping();
  await once(client, 'pong');
  client.send('still here');
  const [code] = await once(client, 'close'); // its own idle time, counted anew
  expect(code).toBe(3008);
});
