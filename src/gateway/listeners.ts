import type { AddressInfo } from 'node:net';
import type { Config } from '../config/schema.ts';
import type { ListenerHandlers } from '../edge/arrival.ts';
import { Listener } from '../edge/listener.ts';
import type { CertificateStatus, RotationReport } from '../edge/rotation.ts';
import { TicketKeys } from '../edge/ticket-keys.ts';
import { OptionsError } from '../pipeline/context.ts';
import type { Services } from '../store/services.ts';
import { shareOf, type WorkerRole } from './role.ts';

type Options = Config['listeners'];

interface Open {
  readonly listener: Listener;
  readonly address: AddressInfo;
  /** As configured, to see whether it moves. */
  readonly wanted: Options[string]['address'];
}

/** Options that have been checked, and doors that have been opened for them: one of the two is called, once. */
export interface Prepared {
  /** Puts them in service. */
  commit(): void;
  /** Closes what was opened. */
  discard(): void;
}

/** All doors of the gateway, by name. */
export class Listeners {
  readonly #open = new Map<string, Open>();
  /** Accept nobody any more, but still hold sessions. */
  readonly #retired = new Set<Listener>();
  readonly #handlers: ListenerHandlers;
  readonly #services: Services;
  readonly #resolve: (path: string) => string;
  readonly #role: Pick<WorkerRole, 'tickets' | 'workers'>;

  constructor(
    handlers: ListenerHandlers,
    services: Services,
    resolve: (path: string) => string,
    role: Pick<WorkerRole, 'tickets' | 'workers'> = { tickets: new TicketKeys(), workers: 1 },
  ) {
    this.#role = role;
    this.#handlers = handlers;
    this.#services = services;
    this.#resolve = resolve;
  }

  /** The listener of this name; one that accepts nobody any more if there is no other, for those who came by it. */
  get(name: string): Listener | undefined {
    return this.#open.get(name)?.listener ?? [...this.#retired].find((listener) => listener.name === name);
  }

  /** Where a listener really is: the port that the system chose for 0. */
  address(name: string): AddressInfo | undefined {
    return this.#open.get(name)?.address;
  }

  /**
   * Prepares other options for all of them: what is new is opened, what stays has its files read and checked.
   *
   * @throws OptionsError with paths that begin with the listener's name; then nothing has changed.
   */
  async prepare(options: Options): Promise<Prepared> {
    const commits: (() => void)[] = [];
    const opened: Listener[] = [];
    const discard = (): void => {
      for (const listener of opened) listener.close();
    };
    try {
      for (const [name, whole] of Object.entries(options)) {
        const wanted = shareOf(whole, this.#role.workers);
        const open = this.#open.get(name);
        if (open && sameAddress(open.wanted, wanted.address)) {
          commits.push(await placed(name, open.listener.prepare(wanted)));
          continue;
        }
        const listener = this.#create(name, wanted);
        const address = await placed(name, listener.listen());
        opened.push(listener);
        commits.push(() => this.#replace(name, { listener, address, wanted: wanted.address }));
      }
    } catch (error) {
      discard();
      throw error;
    }
    const commit = (): void => {
      for (const each of commits) each();
      for (const name of this.#open.keys()) if (!Object.hasOwn(options, name)) this.#retire(name);
    };
    return { commit, discard };
  }

  /** Accepts nobody any more; who came by them stays. */
  stop(): void {
    for (const { listener } of this.#open.values()) listener.stop();
  }

  async rotate(): Promise<RotationReport[]> {
    return Promise.all([...this.#open.values()].map(({ listener }) => listener.rotate()));
  }

  certificates(): CertificateStatus[] {
    return [...this.#open.values()].flatMap(({ listener }) => listener.certificates());
  }

  /** What has run out in service, for the health report. */
  expired(): string[] {
    return this.#each((listener) => listener.expired());
  }

  /** Why rotations were not taken, for the health report. */
  notTaken(): string[] {
    return this.#each((listener) => listener.notTaken());
  }

  close(): void {
    for (const { listener } of this.#open.values()) listener.close();
    for (const listener of this.#retired) listener.close();
  }

  #create(name: string, options: Options[string]): Listener {
    return new Listener(name, options, this.#handlers, this.#services, this.#resolve, this.#role.tickets);
  }

  #each(read: (listener: Listener) => string[]): string[] {
    return [...this.#open].flatMap(([name, { listener }]) =>
      read(listener).map((text) => `${name}: ${text}`),
    );
  }

  #replace(name: string, open: Open): void {
    this.#retire(name);
    this.#open.set(name, open);
  }

  #retire(name: string): void {
    const old = this.#open.get(name)?.listener;
    this.#open.delete(name);
    if (!old) return;
    this.#retired.add(old);
    old.stop(() => {
      old.close();
      this.#retired.delete(old);
    });
  }
}

function sameAddress(a: Open['wanted'], b: Open['wanted']): boolean {
  return a.host === b.host && a.port === b.port;
}

/** Gives the problems of one listener their place. An address that cannot be opened is one of them. */
async function placed<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof OptionsError) {
      throw new OptionsError(error.problems.map((each) => ({ ...each, path: [name, ...each.path] })));
    }
    throw new OptionsError([{ path: [name, 'address'], message: addressFault(error) }]);
  }
}

/** Why an address cannot be opened, in words. */
export function addressFault(error: unknown): string {
  const { code, port, address, message } = error as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
  };
  if (code === 'EADDRINUSE') return `port ${port} is in use`;
  if (code === 'EACCES') return `this process may not listen on port ${port}`;
  if (code === 'EADDRNOTAVAIL') return `this machine has no address ${address}`;
  return message;
}
