import { request } from 'node:http';
import type { Chronicle } from './chronicle.ts';
import type { HealthSeen } from './evidence.ts';
import type { GatewayNode } from './node.ts';

/** How long a node may take to answer, in milliseconds, and how large its answer may be, in bytes. */
const PATIENCE = 2_000;
const MAX_ANSWER = 4_194_304;

interface Health {
  readonly status: string;
  readonly checks?: readonly { readonly name: string; readonly healthy: boolean; readonly reason?: string }[];
}

/** Asks each node for its health, again and again; tells the balancer who is ready, and the time line what changed. */
export class Witness {
  readonly seen: HealthSeen[] = [];
  readonly #nodes: readonly GatewayNode[];
  readonly #token: string;
  readonly #chronicle: Chronicle;
  /** By node: what was wrong when it was last asked. */
  readonly #before = new Map<string, ReadonlyMap<string, string>>();

  constructor(nodes: readonly GatewayNode[], token: string, chronicle: Chronicle) {
    this.#nodes = nodes;
    this.#token = token;
    this.#chronicle = chronicle;
  }

  /** Asks all nodes that are meant to be there, once. Never rejects. */
  async look(): Promise<void> {
    await Promise.all(this.#nodes.filter(({ running }) => running).map((node) => this.#ask(node)));
  }

  /** The metrics of a node as text; undefined if it does not answer. */
  async metrics(node: GatewayNode): Promise<string | undefined> {
    return node.adminPort === undefined ? undefined : await get(node.adminPort, '/metrics', this.#token);
  }

  async #ask(node: GatewayNode): Promise<void> {
    const { adminPort, name } = node;
    const text = adminPort === undefined ? undefined : await get(adminPort, '/health/ready', this.#token);
    if (!node.running || node.adminPort !== adminPort) return; // it was killed meanwhile, or is another process
    const health = text === undefined ? undefined : (JSON.parse(text) as Health);
    node.ready = health?.status === 'ok';
    const failing = new Map(
      (health?.checks ?? []).filter(({ healthy }) => !healthy).map((each) => [each.name, each.reason ?? '']),
    );
    if (this.#chronicle.begun)
      this.seen.push({
        at: this.#chronicle.now,
        node: name,
        ready: node.ready,
        failing: [...failing.keys()],
      });
    this.#compare(name, failing);
  }

  #compare(node: string, failing: ReadonlyMap<string, string>): void {
    const before = this.#before.get(node) ?? new Map<string, string>();
    for (const [check, reason] of failing)
      if (!before.has(check)) this.#chronicle.note('health', `${check} is not well: ${reason}`, node);
    for (const check of before.keys())
      if (!failing.has(check)) this.#chronicle.note('health', `${check} is well`, node);
    this.#before.set(node, failing);
  }
}

/** The body of an answer, whatever its status; undefined if there was none in time. */
function get(port: number, path: string, token: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}` };
    const asked = request({ host: '127.0.0.1', port, path, headers, agent: false, timeout: PATIENCE });
    const fail = (): void => {
      asked.destroy();
      resolve(undefined);
    };
    asked.on('error', fail).on('timeout', fail);
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (text.length > MAX_ANSWER) fail();
      });
      response.on('end', () => resolve(text)).on('error', fail);
    });
    asked.end();
  });
}
