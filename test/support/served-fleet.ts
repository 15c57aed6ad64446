import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket, WebSocketServer } from 'ws';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { build, MAIN } from './built.ts';

const TOKEN = 'a-token-of-the-operators';

/** All clients of a test come from one address, and quickly. */
const GENEROUS = 'limits: { perAddress: { connections: 10000, handshakes: 10000/s } }';

export interface FleetSetup {
  readonly workers: number;
  /** Of the drain. */
  readonly window?: string;
  /** Of the one route, `chat`. */
  readonly path?: string;
  /** More lines of that route. */
  readonly more?: string;
  /** More of the one listener. */
  readonly listener?: string;
  /** More sections. */
  readonly sections?: string;
  /** The one identity, its name first; by default everybody is let in. */
  readonly identity?: string;
  /** A module that every process loads first (`--import`): to break something in it. */
  readonly hook?: string;
  /** Files beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** What the admin API answered; `json` is empty for what is none. */
export interface AdminAnswer {
  readonly status: number;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

type Line = Readonly<Record<string, unknown>>;

/** `sallyport serve` with several workers, before a backend that echoes: in a folder of its own, on free ports. */
export class ServedFleet {
  readonly folder: string;
  /** PEM, for clients. */
  readonly authority: string;
  readonly lines: Line[] = [];
  readonly errors: string[] = [];
  readonly exit: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #backend: WebSocketServer;
  readonly #clients = new Set<WebSocket>();
  #waiting: (() => void)[] = [];

  static async start(setup: FleetSetup): Promise<ServedFleet> {
    build();
    const folder = mkdtempSync(path.join(tmpdir(), 'sallyport-fleet-'));
    const ca = await createDevelopmentCa();
    const { cert, key } = await ca.issue({ dns: ['localhost'] });
    writeFileSync(path.join(folder, 'cert.pem'), cert);
    writeFileSync(path.join(folder, 'key.pem'), key, { mode: 0o600 });
    const backend = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    backend.on('connection', (socket) =>
      socket.on('message', (data, binary) => socket.send(data, { binary })),
    );
    await once(backend, 'listening');
    const fleet = new ServedFleet(folder, ca.cert, backend, setup);
    await fleet.line('admin.started');
    return fleet;
  }

  private constructor(folder: string, authority: string, backend: WebSocketServer, setup: FleetSetup) {
    this.folder = folder;
    this.authority = authority;
    this.#backend = backend;
    this.configure(setup);
    const hook = setup.hook === undefined ? [] : ['--import', setup.hook];
    this.#child = spawn(process.execPath, [...hook, MAIN, 'serve', '--no-watch', this.#file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.exit = once(this.#child, 'close').then(([code]) => code as number | null);
    createInterface(this.#child.stdout!).on('line', (line) => {
      this.lines.push(JSON.parse(line));
      for (const wake of this.#waiting.splice(0)) wake();
    });
    createInterface(this.#child.stderr!).on('line', (line) => this.errors.push(line));
  }

  configure(setup: FleetSetup): void {
    const { workers, window = '200ms', path: at = '/chat', more = '', sections = '' } = setup;
    const { identity = 'visitors: { anonymous: {} }', listener = '', files = {} } = setup;
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(this.folder, name), text);
    const { port } = this.#backend.address() as { port: number };
    writeFileSync(
      this.#file,
      `workers: ${workers}
${sections}
listeners:
  public:
    address: 127.0.0.1:0
    tls: { certificates: [{ cert: cert.pem, key: key.pem }] }
    ${listener || GENEROUS}
admin: { address: "127.0.0.1:0", token: ${TOKEN} }
drain: { window: ${window} }
identities: { ${identity} }
routes:
  - name: chat
    match: { path: ${at} }
    origins: none-required
    identify: [${identity.split(':', 1)[0]}]
    upstream: { url: "ws://127.0.0.1:${port}" }
${more}`,
    );
  }

  get #file(): string {
    return path.join(this.folder, 'sallyport.yaml');
  }

  /** The first line of this event that has all of these fields, when it comes; of those behind the first `from`. */
  async line(event: string, fields: Line = {}, from = 0): Promise<Line> {
    const fits = (line: Line): boolean =>
      line.event === event && Object.entries(fields).every(([key, value]) => line[key] === value);
    for (;;) {
      const found = this.lines.slice(from).find(fits);
      if (found) return found;
      const ended = this.exit.then((code) => {
        throw new Error(`ended with ${code} before ${event}: ${this.errors.join('\n')}`);
      });
      await Promise.race([new Promise<void>((resolve) => this.#waiting.push(resolve)), ended]);
    }
  }

  /** The process id of each worker, of the last that had its number. */
  pids(): Map<number, number> {
    const started = this.lines.filter(({ event }) => event === 'worker.started');
    return new Map(started.map(({ number, pid }) => [number as number, pid as number]));
  }

  /** Of the public listener. */
  get port(): number {
    const started = this.lines.find(({ event }) => event === 'gateway.started');
    return Number(String(started?.address).split(':')[1]);
  }

  async connect(at = '/chat', headers: Readonly<Record<string, string>> = {}): Promise<WebSocket> {
    const url = `wss://localhost:${this.port}${at}`;
    const client = new WebSocket(url, { ca: this.authority, family: 4, headers });
    this.#clients.add(client);
    client.once('close', (code) => CODES.set(client, code));
    await once(client, 'open');
    client.on('error', () => {}); // a test that wants to know of it waits for the close
    return client;
  }

  connectAll(count: number): Promise<WebSocket[]> {
    return Promise.all(Array.from({ length: count }, () => this.connect()));
  }

  /** Asks the admin API: `GET /sessions`. */
  async admin(request: string, body?: unknown): Promise<AdminAnswer> {
    const [method, at] = request.split(' ');
    const { address } = this.lines.find(({ event }) => event === 'admin.started')!;
    const response = await fetch(`http://${address}${at}`, {
      method: method!,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : {};
    return { status: response.status, text, json };
  }

  /** Of the first process: the only one where there is one worker. */
  get pid(): number {
    return this.#child.pid!;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends all processes, in whatever state they are. */
  async end(): Promise<void> {
    for (const client of this.#clients) client.terminate();
    this.#child.kill('SIGKILL');
    for (const pid of this.pids().values()) tryKill(pid);
    await this.exit;
    this.#backend.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** Sends a text and gives back what comes next, to see that a session is alive. */
export async function echo(client: WebSocket, text = 'still here'): Promise<string> {
  client.send(text);
  const [data] = await once(client, 'message');
  return String(data);
}

/** How clients were closed. */
const CODES = new WeakMap<WebSocket, number>();

/** The close code of a client that was closed, or will be. */
export async function closeCode(client: WebSocket): Promise<number> {
  const known = CODES.get(client);
  if (known !== undefined) return known;
  const [code] = await once(client, 'close');
  return code as number;
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}
