import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Scenario, ScenarioInput } from '../load/scenario.ts';
import { Refusal } from '../load/socket.ts';
import { type Asking, textAt } from './asked.ts';
import { Balancer } from './balancer.ts';
import { entranceOf, knock } from './entrance.ts';
import type { Door, Ground } from './ground.ts';
import type { Rehearsal } from './rehearsal.ts';
import type { NamedTarget } from './target.ts';

/** How long the endpoint may take to let somebody in, in milliseconds. */
const PATIENCE = 10_000;

/** An endpoint that the user named. Nothing of it is started here, and nothing is ended. */
export class NamedEndpoint implements Ground {
  readonly nodes = [];
  readonly #entry: ScenarioInput;
  readonly #instances: ReadonlyMap<string, { readonly url: string } & Asking>;
  /** Connections of the load go through it, so that they can be cut; undefined where none are. */
  #relay: { readonly balancer: Balancer; readonly port: number } | undefined;

  private constructor({ load }: Rehearsal, target: NamedTarget, folder: string) {
    const file = (name: string): string => path.resolve(folder, name);
    const { origin, protocols, headers } = load as Partial<ScenarioInput>;
    this.#entry = {
      target: target.url,
      ...(target.address !== undefined && { address: target.address }),
      ...(target.ca !== undefined && { tls: { ca: file(target.ca) } }),
      ...(target.identities && { identities: withFiles(target.identities, file) }),
      ...Object.fromEntries(Object.entries({ origin, protocols, headers }).filter(([, value]) => value)),
    };
    const ca = target.ca === undefined ? undefined : readFileSync(file(target.ca), 'utf8');
    this.#instances = new Map(
      target.metrics.map(({ name, url, token }) => [
        name,
        { url, ca, token: token === undefined ? undefined : readFileSync(file(token), 'utf8').trim() },
      ]),
    );
  }

  /** @throws Error if a file cannot be read, or the endpoint does not let somebody with a good token in. */
  static async open(rehearsal: Rehearsal, target: NamedTarget, folder: string): Promise<NamedEndpoint> {
    const named = new NamedEndpoint(rehearsal, target, folder);
    const { host, port } = await named.#knock();
    if (rehearsal.faults.some(({ fault }) => fault === 'connections-cut')) {
      const balancer = new Balancer([{ host, port, ready: true }]);
      named.#relay = { balancer, port: await balancer.open('people') };
    }
    return named;
  }

  entry(door: Door): ScenarioInput {
    if (door !== 'people' || !this.#relay) return this.#entry;
    return { ...this.#entry, address: `127.0.0.1:${this.#relay.port}` };
  }

  cut(share: number): number {
    return this.#relay?.balancer.cut('people', share) ?? 0;
  }

  get instances(): readonly string[] {
    return [...this.#instances.keys()];
  }

  async scrape(instance: string): Promise<string | undefined> {
    const { url, ...asking } = this.#instances.get(instance)!;
    return await textAt(url, asking);
  }

  async close(): Promise<void> {
    this.#relay?.balancer.close();
  }

  /** Comes in once, before anything is done to it; gives where it is. */
  async #knock(): Promise<{ readonly host: string; readonly port: number }> {
    const entrance = entranceOf(this.#entry);
    try {
      await knock(entrance, await entrance.credentials.token(0), PATIENCE);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Error(`${entrance.scenario.target} lets nobody in: ${error.message}`);
    }
    return entrance.endpoint;
  }
}

function withFiles(
  identities: NonNullable<Scenario['identities']>,
  file: (name: string) => string,
): ScenarioInput['identities'] {
  if ('tokens' in identities) return { tokens: file(identities.tokens) };
  const { lifetime, key, ...rest } = identities.mint;
  return { mint: { ...rest, key: file(key), lifetime: `${lifetime}ms` } };
}
