import { createDevelopmentCa, type DevelopmentCa } from '../../src/edge/development-ca.ts';
import type { GatewayOptions } from '../../src/gateway/options.ts';
import { total } from './exposition.ts';
import { type RunningGateway, startGateway } from './gateway.ts';
import { openRaw, type RawUpgrade, UpgradeRefused } from './raw-client.ts';
import { text } from './raw-frames.ts';
import type { RawPeer } from './raw-peer.ts';
import { RawServer, type RawServerOptions } from './raw-server.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from './tokens.ts';

const ADMIN = 'operators-token-0001';
const signer = newSigner();
const KEYS = keySetText(signer);
let authority: Promise<DevelopmentCa> | undefined;

type Section = Readonly<Record<string, unknown>>;

export interface ChatOptions {
  /** Sections of the first route, `chat` at `/chat`. */
  readonly route?: Section;
  /** More routes; what they leave out is as in the first. */
  readonly routes?: readonly Section[];
  /** Other sections of the configuration. */
  readonly config?: Section;
  readonly listener?: Record<string, unknown>;
  readonly files?: Readonly<Record<string, string>>;
  readonly upstream?: RawServerOptions;
  readonly options?: GatewayOptions;
}

/** A whole gateway that reads tokens, with an admin API, before an upstream that sends back what it is sent. */
export class Chat {
  readonly gateway: RunningGateway;
  readonly upstream: RawServer;
  readonly ca: DevelopmentCa;
  readonly #written: Section;

  private constructor(gateway: RunningGateway, upstream: RawServer, ca: DevelopmentCa, written: Section) {
    this.gateway = gateway;
    this.upstream = upstream;
    this.ca = ca;
    this.#written = written;
  }

  static async open(given: ChatOptions = {}): Promise<Chat> {
    authority ??= createDevelopmentCa();
    const ca = await authority;
    const upstream = await RawServer.listen(given.upstream ?? { echo: true });
    const written = configOf(given, upstream);
    const gateway = await startGateway({
      ca,
      config: written,
      files: { 'keys.json': KEYS, ...given.files },
      listener: given.listener ?? {},
      options: { record: { perSecond: 1_000_000 }, ...given.options },
    });
    return new Chat(gateway, upstream, ca, written);
  }

  async close(): Promise<void> {
    await this.gateway.stop();
    await this.upstream.close();
  }

  /** The key set of its tokens' issuer, as JSON. */
  readonly keys = KEYS;

  get log(): readonly Record<string, unknown>[] {
    return this.gateway.log;
  }

  /** Every event of this name so far. */
  named(event: string): Record<string, unknown>[] {
    return this.log.filter((line) => line.event === event);
  }

  token(claims: Section = {}): string {
    return tokenOf(signer, claimsOf(claims));
  }

  /** Opens a socket with a token of these claims. Rejects with `UpgradeRefused` if it is not let in. */
  async join(claims: Section = {}, more: Partial<RawUpgrade> = {}): Promise<RawPeer> {
    const { headers, tls, ...rest } = more;
    const { peer } = await openRaw({
      port: this.gateway.port,
      path: '/chat',
      ...rest,
      tls: { ca: this.ca.cert, ...tls },
      headers: { Authorization: `Bearer ${this.token(claims)}`, ...headers },
    });
    return peer;
  }

  /** The answer that keeps a client out; `in` if it is let in. */
  async knock(claims: Section = {}, more: Partial<RawUpgrade> = {}): Promise<UpgradeRefused | 'in'> {
    try {
      (await this.join(claims, more)).destroy();
      return 'in';
    } catch (error) {
      if (error instanceof UpgradeRefused) return error;
      throw error;
    }
  }

  /** One request to the admin API. */
  async ask(method: string, path: string, body?: object) {
    const response = await fetch(`http://127.0.0.1:${this.gateway.gateway.adminAddress!.port}${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = await response.text();
    return { status: response.status, text: answer, json: () => JSON.parse(answer) };
  }

  /** The health check of this name, as an operator sees it. */
  async check(name: string): Promise<{ healthy: boolean; reason?: string }> {
    const { checks } = (await this.ask('GET', '/health/ready')).json();
    return checks.find((each: { name: string }) => each.name === name);
  }

  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    return total((await this.ask('GET', '/metrics')).text, name, labels);
  }

  /** Writes the configuration anew: what `change` makes of the one that was started with. */
  rewrite(change: (config: Record<string, unknown>) => void, name?: string): void {
    const config = structuredClone(this.#written) as Record<string, unknown>;
    change(config);
    this.gateway.configure(config, name);
  }
}

/** Sends a message and resolves when it has come back. */
export async function echoes(peer: RawPeer, message = 'still here'): Promise<void> {
  peer.send(text(message));
  for (;;) {
    const { payload } = await peer.nextOf('text');
    if (payload.toString() === message) return;
  }
}

const STAFF = { jwt: jwtOptionsOf({ leeway: '0s', claims: { subject: 'sub', tenant: 'org' } }) };

function configOf(given: ChatOptions, { url }: RawServer): Section {
  const whole = ({ upstream, ...route }: Section): Section => ({
    origins: 'none-required',
    identify: ['staff'],
    authorize: [{ allow: 'true' }],
    ...route,
    upstream: { url, ...(upstream as object) },
  });
  return {
    admin: { address: '127.0.0.1:0', token: ADMIN },
    identities: { staff: STAFF, visitors: { anonymous: {} } },
    routes: [{ name: 'chat', match: { path: '/chat' }, ...given.route }, ...(given.routes ?? [])].map(whole),
    ...given.config,
  };
}
