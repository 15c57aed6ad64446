import type { Operator } from '../admin/operator.ts';
import type { Question } from '../admin/questions.ts';
import { ConfigError } from '../config/problem.ts';
import { TicketKeys } from '../edge/ticket-keys.ts';
import type { Rebuilt } from '../gateway/rebuild.ts';
import type { WorkerRole } from '../gateway/role.ts';
import { createGateway, type Gateway } from '../gateway.ts';
import type { RevocationOrder } from '../store/revocations.ts';
import { nodeName, type Reach } from '../store/services.ts';
import type { Json } from '../store/store.ts';
import { Channel, type Ears, type Pipe } from './channel.ts';
import { FallbackBus } from './fallback-bus.ts';
import { LentStore } from './lent-store.ts';
import {
  NOTES,
  type PrepareReport,
  REPORTS,
  type StartOrder,
  type StartReport,
  type WorkerTasks,
} from './wire.ts';
import { WorkerBus } from './worker-bus.ts';

/** What an operator can do in each worker by itself; the rest is for all of them together. */
const DEEDS = {
  sessions: true,
  session: true,
  kick: true,
  kickAll: true,
  emergency: true,
  beginEmergency: true,
  endEmergency: true,
  revoke: true,
  revocations: true,
  lift: true,
  certificates: true,
  rotate: true,
  usage: true,
  health: true,
} as const satisfies Record<Exclude<keyof Operator, 'reload' | 'drain' | 'metrics'>, true>;

/** How long sessions have to go when the supervisor has gone, in milliseconds. */
const ORPHAN_TIME = 2_000;

/** A gateway that does what the supervisor says. */
export class Worker {
  readonly #channel: Channel;
  readonly #bus: WorkerBus;
  readonly #tickets = new TicketKeys(new Uint8Array());
  readonly #exit: (code: number) => void;
  #gateway: Gateway | undefined;
  #prepared: Rebuilt | undefined;

  /** `exit` ends the process. */
  constructor(pipe: Pipe, exit: (code: number) => void) {
    this.#exit = exit;
    const ears: Ears = {
      ask: async (method, args) => this.#answer(method, args),
      note: (name, args) => this.#hear(name, args),
    };
    this.#channel = new Channel(pipe, ears);
    this.#bus = new WorkerBus(this.#channel);
    this.#channel.note(REPORTS.hello);
  }

  /** Something here is broken: sessions are let go, somebody else takes the place, and the process ends. */
  fault(error: string): void {
    this.#channel.note(REPORTS.leaving, error);
    if (!this.#gateway) this.#exit(3);
    this.#gateway?.stopListening();
    this.#gateway?.stop('fault');
    void this.#gateway?.closed.then(() => this.#exit(3));
  }

  /** The supervisor has gone: nobody would tell of revocations any more. */
  async orphaned(): Promise<void> {
    this.#channel.close('the supervisor has gone');
    setTimeout(() => this.#exit(1), ORPHAN_TIME);
    await this.#gateway?.drain({ window: 0 }, 'supervisor');
    await this.#gateway?.close();
    this.#exit(1);
  }

  #answer(method: string, args: readonly unknown[]): unknown {
    // The supervisor is the same program as this: it asks what the types say.
    const tasks = this.#tasks as unknown as Readonly<
      Record<string, (...args: readonly unknown[]) => unknown>
    >;
    if (method === 'operate') return this.#operate(args);
    if (!Object.hasOwn(tasks, method)) throw new RangeError(`no worker can ${method}`);
    return tasks[method]!(...args);
  }

  #operate([name, ...args]: readonly unknown[]): unknown {
    if (!Object.hasOwn(DEEDS, String(name))) throw new RangeError(`no worker can ${String(name)}`);
    const { operator } = this.#serving() as unknown as {
      operator: Record<string, (...args: readonly unknown[]) => unknown>;
    };
    return operator[String(name)]!(...args);
  }

  readonly #tasks: { readonly [N in keyof WorkerTasks]: (...args: never) => unknown } = {
    start: (order: StartOrder) => this.#start(order),
    prepare: (text: string) => this.#prepare(text),
    commit: () => {
      const prepared = this.#prepared;
      this.#prepared = undefined;
      if (!prepared) throw new Error('nothing was prepared');
      return prepared.commit();
    },
    discard: () => {
      this.#prepared?.discard();
      this.#prepared = undefined;
    },
    series: () => this.#serving().series(),
    enforce: (order: RevocationOrder) => this.#serving().operator.enforce(order),
    askOthers: (question: Question, args: readonly unknown[]) =>
      this.#serving().neighbours?.ask(question, args),
    ping: () => undefined,
  };

  async #start(order: StartOrder): Promise<StartReport> {
    const { number, workers, file, text, generation, gateway: name, folder } = order;
    this.#tickets.replace(order.tickets);
    const role: WorkerRole = {
      number,
      gateway: name,
      workers,
      text,
      generation,
      tickets: this.#tickets,
      folder,
      join: (configured) => this.#join(configured),
    };
    try {
      const gateway = await createGateway(file, { watch: false }, role);
      await gateway.listen();
      this.#gateway = gateway;
      // What was published before anybody here listened is in the store.
      this.#bus.gap();
      return { files: gateway.files, node: gateway.services.node };
    } catch (error) {
      if (error instanceof ConfigError) return { problems: error.problems };
      throw error;
    }
  }

  async #prepare(text: string): Promise<PrepareReport> {
    this.#prepared?.discard();
    this.#prepared = undefined;
    const next = await this.#serving().rebuild(text);
    if ('problems' in next) return { ready: false, ...next };
    this.#prepared = next;
    return { ready: true };
  }

  #join(configured: Reach | undefined): Reach {
    const { store = new LentStore(this.#channel), fail = 'local', node = nodeName() } = configured ?? {};
    // One that does not reach beyond this process is of no use here.
    const bus = configured && !configured.alone ? new FallbackBus(configured.bus, this.#bus) : this.#bus;
    return { store, bus, node, alone: false, fail };
  }

  #hear(name: string, [value, message]: readonly unknown[]): void {
    if (name === NOTES.news) this.#bus.hear(String(value), message as Json);
    else if (name === NOTES.gap) this.#bus.gap();
    else if (name === NOTES.tickets) this.#tickets.replace(value as Uint8Array);
    else if (name === NOTES.ended) this.#gateway?.neighbours?.bury(String(value));
    else if (name === NOTES.stop) void this.#stop(String(value));
    else if (name === NOTES.close) void this.#close();
  }

  async #stop(cause: string): Promise<void> {
    this.#gateway?.stop(cause);
    await this.#gateway?.closed;
    this.#exit(0);
  }

  async #close(): Promise<void> {
    await this.#gateway?.close();
    this.#exit(0);
  }

  #serving(): Gateway {
    if (!this.#gateway) throw new Error('does not serve yet');
    return this.#gateway;
  }
}
