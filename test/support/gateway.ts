import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { stringify } from 'yaml';
import { createDevelopmentCa, type DevelopmentCa } from '../../src/edge/development-ca.ts';
import type { GatewayOptions } from '../../src/gateway/options.ts';
import type { WorkerRole } from '../../src/gateway/role.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';

export interface GatewaySetup {
  /**
   * The configuration, as YAML or as an object. Left out of it: `listeners` (one named `public` on 127.0.0.1:0 with a
   * certificate for localhost), `identities` (`visitors`, who are anonymous) and `overload` (never `delayed`).
   */
  readonly config: string | Record<string, unknown>;
  /** Files beside it, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Joins the listener's defaults: `{ tls: { clientCertificates: … } }`. */
  readonly listener?: Record<string, unknown>;
  readonly ca?: DevelopmentCa;
  readonly options?: GatewayOptions;
  /** For one of several. */
  readonly role?: Omit<WorkerRole, 'text'>;
}

export interface RunningGateway {
  readonly gateway: Gateway;
  readonly ca: DevelopmentCa;
  /** `wss://localhost:PORT`. */
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  /** Every event so far, parsed. */
  readonly log: readonly Record<string, unknown>[];
  /** Resolves with the next event of this name that satisfies, one that was logged already included. */
  logged(
    event: string,
    matches?: (line: Record<string, unknown>) => boolean,
  ): Promise<Record<string, unknown>>;
  /** Writes a file of the configuration's folder. */
  write(name: string, text: string): void;
  /** Writes another configuration, with the same defaults; to another file if one is named. */
  configure(config: GatewaySetup['config'], name?: string): void;
  stop(): Promise<void>;
}

/** Of all gateways that bring none of their own. */
let authority: Promise<DevelopmentCa> | undefined;

/** Starts a whole gateway in this process, on a port of its own. Stop it in the test. */
export async function startGateway(setup: GatewaySetup): Promise<RunningGateway> {
  authority ??= createDevelopmentCa();
  const ca = setup.ca ?? (await authority);
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  };
  const pair = await ca.issue({ dns: ['localhost'], ip: ['127.0.0.1'] });
  write('cert.pem', pair.cert);
  write('key.pem', pair.key);
  for (const [name, text] of Object.entries(setup.files ?? {})) write(name, text);
  write('sallyport.yaml', textOf(setup));

  const journal = new EventJournal();
  const record = { destination: journal, level: 'debug', ...setup.options?.record } as const;
  const options = { watch: false, ...setup.options, record };
  const role = setup.role && { ...setup.role, text: textOf(setup) };
  const gateway = await createGateway(join(folder, 'sallyport.yaml'), options, role);
  await gateway.listen();
  const { port } = gateway.address('public');
  return {
    gateway,
    ca,
    folder,
    port,
    url: `wss://localhost:${port}`,
    log: journal.lines,
    logged: (event, matches) => journal.find(event, matches),
    write,
    configure: (config, name = 'sallyport.yaml') => write(name, textOf({ ...setup, config })),
    async stop() {
      await gateway.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function textOf({ config, listener = {} }: GatewaySetup): string {
  if (typeof config === 'string' && config.includes('listeners:')) return config;
  const { tls = {}, limits = {}, ...rest } = listener as { tls?: object; limits?: object };
  const defaults = {
    listeners: {
      public: {
        address: '127.0.0.1:0',
        tls: { certificates: [{ cert: 'cert.pem', key: 'key.pem' }], ...tls },
        limits: { perAddress: { connections: 10_000, handshakes: '10000/s' }, ...limits },
        ...rest,
      },
    },
  };
  const more = {
    identities: { visitors: { anonymous: {} } },
    overload: { delay: '60s' }, // a busy machine is no reason to fail here
  };
  if (typeof config !== 'string') return stringify({ ...defaults, ...more, ...config });
  const missing = Object.entries(more).filter(([key]) => !config.includes(`${key}:`));
  const parts = missing.map(([key, value]) => stringify({ [key]: value }));
  return [stringify(defaults), ...parts, config].join('\n');
}

/** Where the gateway's log goes: lines as objects, and whoever waits for one is woken. */
class EventJournal extends Writable {
  readonly lines: Record<string, unknown>[] = [];
  #waiting: (() => void)[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    for (const line of chunk.toString().split('\n')) if (line !== '') this.lines.push(JSON.parse(line));
    for (const wake of this.#waiting.splice(0)) wake();
    done();
  }

  async find(event: string, matches: (line: Record<string, unknown>) => boolean = () => true) {
    for (;;) {
      const found = this.lines.find((line) => line.event === event && matches(line));
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}
