import { randomBytes } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createDevelopmentCa, type DevelopmentCa } from '../edge/development-ca.ts';
import { Backend } from './backend.ts';
import { Balancer } from './balancer.ts';
import { AUDIENCE, configurationOf } from './configuration.ts';
import type { Door, Ground } from './ground.ts';
import { GatewayNode, type LogLine } from './node.ts';
import { KEY_ID, Provider } from './provider.ts';
import { type Redis, startRedis } from './redis.ts';

const DAY = 86_400_000; // ms

export interface StageOptions {
  readonly nodes: number;
  readonly redis: boolean;
  /** Goes over the configuration of the nodes. */
  readonly gateway: Readonly<Record<string, unknown>>;
}

/** Who comes by which door of the balancer has addresses of its own (RFC 5737, RFC 2544). */
const ADDRESSES = {
  people: (n: number) => `198.18.${(n >> 8) & 255}.${n & 255}`,
  newcomers: (n: number) => `192.0.2.${1 + (n % 254)}`,
  strangers: (n: number) => `203.0.113.${1 + (n % 254)}`,
  // Floods come from few places each.
  connections: (n: number) => `198.51.100.${1 + (n % 4)}`,
  messages: (n: number) => `198.51.100.${65 + (n % 4)}`,
  malformed: (n: number) => `198.51.100.${129 + (n % 4)}`,
} as const satisfies Readonly<Record<Door, (n: number) => string>>;

/** Whether a log line is about one of those who come to try the door, and not about the load or a fault. */
export function isTrial({ address }: LogLine): boolean {
  return /^(192\.0\.2|203\.0\.113)\./.test(String(address));
}

/**
 * Everything that a rehearsal needs, on loopback, with files in a folder of its own: an authority, an identity provider, a
 * backend, gateways, a balancer. `close` ends and removes all of it.
 */
export class Stage implements Ground {
  readonly folder: string;
  readonly #adminToken = randomBytes(24).toString('base64url');
  readonly backend = new Backend();
  readonly nodes: readonly GatewayNode[];
  readonly balancer: Balancer;
  provider!: Provider;
  redis: Redis | undefined;
  /** Ports of the balancer. */
  doors!: Readonly<Record<Door, number>>;
  #ca!: DevelopmentCa;

  private constructor(nodes: number, heard: (node: GatewayNode, line: LogLine) => void) {
    this.folder = mkdtempSync(path.join(tmpdir(), 'sallyport-rehearsal-'));
    const file = path.join(this.folder, 'sallyport.yaml');
    this.nodes = Array.from(
      { length: nodes },
      (_, i) => new GatewayNode(`node-${i + 1}`, file, this.#adminToken, heard),
    );
    this.balancer = new Balancer(this.nodes);
  }

  /** @throws Error if a part does not start; then nothing is left of the others. */
  static async open(
    options: StageOptions,
    heard: (node: GatewayNode, line: LogLine) => void,
    signal?: AbortSignal,
  ): Promise<Stage> {
    const stage = new Stage(options.nodes, heard);
    try {
      await stage.#build(options, signal);
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  async #build({ redis, gateway }: StageOptions, signal: AbortSignal | undefined): Promise<void> {
    this.#ca = await createDevelopmentCa('Sallyport rehearsal CA');
    this.#write('ca.pem', this.#ca.cert);
    await this.certify(90);
    this.provider = await Provider.listen(await this.#ca.issue({ ip: ['127.0.0.1'] }));
    this.#write('signer.pem', this.provider.privateKey);
    if (redis) this.redis = await startRedis(this.folder);
    await this.backend.start();
    const places = {
      provider: this.provider.url,
      backend: `ws://127.0.0.1:${this.backend.port}`,
      adminToken: this.#adminToken,
      redis: this.redis?.url,
    };
    this.#write('sallyport.yaml', configurationOf(places, gateway));
    signal?.throwIfAborted();
    await Promise.all(this.nodes.map((node) => node.start()));
    const doors = Object.entries(ADDRESSES).map(
      async ([door, addressOf]) => [door, await this.balancer.open(door, addressOf)] as const,
    );
    this.doors = Object.fromEntries(await Promise.all(doors)) as Record<Door, number>;
    signal?.throwIfAborted();
  }

  /** Puts a new certificate for the listener in place, good for so many days. */
  async certify(days: number): Promise<void> {
    const pair = await this.#ca.issue({ dns: ['localhost'], notAfter: Date.now() + days * DAY });
    this.#write('key.pem', pair.key);
    this.#write('cert.pem', pair.cert);
  }

  entry(door: Door) {
    const claims = { iss: this.provider.url, aud: AUDIENCE, sub: `${door}-{user}` };
    return {
      target: `wss://localhost:${this.doors[door]}/chat`,
      tls: { ca: path.join(this.folder, 'ca.pem') },
      identities: { mint: { key: path.join(this.folder, 'signer.pem'), keyId: KEY_ID, claims } },
    };
  }

  cut(share: number): number {
    return this.balancer.cut('people', share);
  }

  get instances(): readonly string[] {
    return this.nodes.map(({ name }) => name);
  }

  async scrape(instance: string): Promise<string | undefined> {
    return await this.nodes.find(({ name }) => name === instance)?.ask('/metrics');
  }

  /** Ends what it started, and removes its folder. */
  async close(): Promise<void> {
    this.balancer.close();
    await Promise.all([...this.nodes.map((node) => node.kill()), this.backend.kill()]);
    await this.redis?.kill();
    await this.provider?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Whoever reads it sees the old text or the new one. */
  #write(name: string, text: string): void {
    const file = path.join(this.folder, name);
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
}
