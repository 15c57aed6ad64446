import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { Balancer } from './balancer.ts';
import { build, MAIN } from './built.ts';

const TOKEN = 'a-token-of-the-operators';

type Line = Readonly<Record<string, unknown>>;
type Section = Readonly<Record<string, unknown>>;

/** One machine's `sallyport serve`, which can be stopped, killed and started again. */
export class NodeProcess {
  readonly lines: Line[] = [];
  readonly #folder: string;
  #child: ChildProcess | undefined;
  #waiting: (() => void)[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts, and resolves when it serves. */
  async start(): Promise<void> {
    const from = this.lines.length;
    const file = path.join(this.#folder, 'sallyport.yaml');
    const child = spawn(process.execPath, [MAIN, 'serve', '--no-watch', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    createInterface(child.stdout!).on('line', (line) => {
      this.lines.push(JSON.parse(line));
      for (const wake of this.#waiting.splice(0)) wake();
    });
    const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`it ended with ${code}`)));
    failed.catch(() => {});
    await Promise.race([this.line('gateway.started', {}, from), failed]);
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The first line of this event with these fields behind the first `from`, when it comes. */
  async line(event: string, fields: Section = {}, from = 0): Promise<Line> {
    for (;;) {
      const found = this.lines
        .slice(from)
        .find(
          (line) =>
            line.event === event && Object.entries(fields).every(([key, value]) => line[key] === value),
        );
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Of the public listener, of the last start. */
  get port(): number {
    return this.#portOf('gateway.started');
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** Sends the signal, and waits until the process has ended. */
  async end(name: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (!this.running) return;
    const ended = once(this.#child!, 'exit');
    this.#child!.kill(name);
    await ended;
  }

  /** Asks the admin API: `GET /health/ready`. */
  async admin(request: string, body?: unknown): Promise<{ status: number; text: string }> {
    const [method, at] = request.split(' ');
    const response = await fetch(`http://127.0.0.1:${this.#portOf('admin.started')}${at}`, {
      method: method!,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  }

  #portOf(event: string): number {
    const started = this.lines.findLast((line) => line.event === event);
    return Number(String(started?.address).split(':').at(-1));
  }
}

export interface NodesSetup {
  readonly count: number;
  readonly redis: string;
  /** `ws://…` */
  readonly upstream: string;
  /** More sections of the one route, `chat` at `/chat`. */
  readonly route?: Section;
  /** More sections. */
  readonly config?: Section;
}

/** Several machines that share a Redis and find each other's sessions, behind one balancer. */
export class Nodes {
  readonly nodes: readonly NodeProcess[];
  readonly balancer: Balancer;
  /** PEM, for clients. */
  readonly authority: string;
  readonly #folder: string;

  private constructor(nodes: readonly NodeProcess[], balancer: Balancer, authority: string, folder: string) {
    this.nodes = nodes;
    this.balancer = balancer;
    this.authority = authority;
    this.#folder = folder;
  }

  static async start(setup: NodesSetup): Promise<Nodes> {
    build();
    const folder = mkdtempSync(path.join(tmpdir(), 'sallyport-nodes-'));
    const [ca, cluster] = await Promise.all([createDevelopmentCa(), createDevelopmentCa('Cluster')]);
    const nodes: NodeProcess[] = [];
    for (let i = 0; i < setup.count; i++) {
      const own = path.join(folder, String(i));
      mkdirSync(own);
      const [server, member] = await Promise.all([
        ca.issue({ dns: ['localhost'] }),
        cluster.issue({ dns: ['node'] }),
      ]);
      const files = {
        'cert.pem': server.cert,
        'key.pem': server.key,
        'node.pem': member.cert,
        'node-key.pem': member.key,
        'cluster.pem': cluster.cert,
        'sallyport.yaml': stringify(configOf(setup)),
      };
      for (const [name, text] of Object.entries(files))
        writeFileSync(path.join(own, name), text, { mode: 0o600 });
      nodes.push(new NodeProcess(own));
    }
    const started = await Promise.allSettled(nodes.map((node) => node.start()));
    const failed = started.find(({ status }) => status === 'rejected');
    if (failed) {
      await Promise.all(nodes.map((node) => node.end()));
      rmSync(folder, { recursive: true });
      throw (failed as PromiseRejectedResult).reason;
    }
    const balancer = await Balancer.listen();
    for (const { port } of nodes) balancer.add(port);
    return new Nodes(nodes, balancer, ca.cert, folder);
  }

  /** Where clients connect. */
  get url(): string {
    return `wss://localhost:${this.balancer.port}/chat`;
  }

  /** The one that holds this session. */
  holder(session: string): NodeProcess {
    const holds = (line: Line): boolean => line.event === 'upgrade.accepted' && line.session === session;
    return this.nodes.find(({ lines }) => lines.some(holds))!;
  }

  /** Ends all processes, in whatever state they are. */
  async end(): Promise<void> {
    for (const node of this.nodes) node.signal('SIGCONT');
    await Promise.all(this.nodes.map((node) => node.end()));
    await this.balancer.close();
    rmSync(this.#folder, { recursive: true });
  }
}

function configOf({ redis, upstream, route, config }: NodesSetup): Section {
  return {
    listeners: {
      public: {
        address: '127.0.0.1:0',
        tls: { certificates: [{ cert: 'cert.pem', key: 'key.pem' }] },
        limits: { perAddress: { connections: 10_000, handshakes: '10000/s' } },
      },
    },
    admin: { address: '127.0.0.1:0', token: TOKEN },
    state: { redis },
    cluster: { address: '127.0.0.1:0', cert: 'node.pem', key: 'node-key.pem', ca: 'cluster.pem' },
    overload: { delay: '60s' }, // a busy machine is no reason to fail here
    identities: { visitors: { anonymous: {} } },
    ...config,
    routes: [
      {
        name: 'chat',
        match: { path: '/chat' },
        origins: 'none-required',
        identify: ['visitors'],
        upstream: { url: upstream },
        dialect: { raw: { frames: 'both' } },
        ...route,
      },
    ],
  };
}
