import type { Chronicle } from './chronicle.ts';
import type { HealthSeen } from './evidence.ts';
import type { GatewayNode } from './node.ts';

interface Health {
  readonly status: string;
  readonly checks?: readonly { readonly name: string; readonly healthy: boolean; readonly reason?: string }[];
}

/** Asks each node for its health, again and again; tells the balancer who is ready, and the time line what changed. */
export class Witness {
  readonly seen: HealthSeen[] = [];
  readonly #nodes: readonly GatewayNode[];
  readonly #chronicle: Chronicle;
  /** By node: what was wrong when it was last asked. */
  readonly #before = new Map<string, ReadonlyMap<string, string>>();

  constructor(nodes: readonly GatewayNode[], chronicle: Chronicle) {
    this.#nodes = nodes;
    this.#chronicle = chronicle;
  }

  /** Asks all nodes that are meant to be there, once. Never rejects. */
  async look(): Promise<void> {
    await Promise.all(this.#nodes.filter(({ running }) => running).map((node) => this.#ask(node)));
  }

  async #ask(node: GatewayNode): Promise<void> {
    const { adminPort, name } = node;
    const text = await node.ask('/health/ready');
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
