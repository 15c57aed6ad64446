import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { type Store, StoreError } from './store.ts';

const KEY = '@owner';
/** How long the word of an owner holds of which nothing is heard, in milliseconds. */
const LEASE = 10_000;
/** How often it is given anew, in milliseconds. */
const HEARTBEAT = 3_000;
/** How often it is asked whether an owner elsewhere has gone, in milliseconds. */
const RETRY = 500;

const OWNER = z.strictObject({ host: z.string(), pid: z.int() });
type Owner = z.output<typeof OWNER>;

/**
 * Keeps a second gateway out of a folder of state, which it would share without hearing the first one's news. The workers
 * of one gateway have one owner. It guards against a mistake, not against an enemy: LMDB itself is safe with several.
 */
export class FolderLock {
  readonly #store: Store;
  readonly #owner: Owner;
  #timer: NodeJS.Timeout | undefined;
  #trouble: string | undefined;

  /** @param pid the process that stands for all which may use the folder together */
  constructor(store: Store, pid: number) {
    this.#store = store;
    this.#owner = { host: hostname(), pid };
  }

  /** Why the folder is not ours alone any more; undefined while it is. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** @throws StoreError if another gateway has the folder, or the store cannot answer. */
  async take(): Promise<void> {
    const until = performance.now() + LEASE + RETRY;
    while (!(await this.#tried())) {
      // It may have been killed on a machine, or in a container, of which we cannot see the processes.
      if (performance.now() > until) throw new StoreError('another machine or container uses this folder');
      await pause(RETRY);
    }
    this.#timer = setInterval(() => void this.#renew().catch(() => {}), HEARTBEAT).unref();
  }

  /** Lets another gateway have it at once. Only for who stands for all. */
  async release(): Promise<void> {
    this.stop();
    const owner = await this.#read();
    if (this.#isOurs(owner)) await this.#store.delete(KEY);
  }

  /** Gives no word any more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  async #tried(): Promise<boolean> {
    if (await this.#store.add(KEY, this.#owner, LEASE)) return true;
    const owner = await this.#read();
    if (owner === undefined) return false;
    if (owner.host !== this.#owner.host) return false;
    if (owner.pid !== this.#owner.pid && isAlive(owner.pid)) {
      throw new StoreError(`the gateway with process id ${owner.pid} uses this folder`);
    }
    await this.#store.set(KEY, this.#owner, LEASE);
    return true;
  }

  async #renew(): Promise<void> {
    const owner = await this.#read();
    this.#trouble =
      owner === undefined || this.#isOurs(owner) ? undefined : 'another gateway uses the folder of state';
    if (this.#trouble === undefined) await this.#store.set(KEY, this.#owner, LEASE);
  }

  async #read(): Promise<Owner | undefined> {
    return OWNER.safeParse(await this.#store.get(KEY)).data;
  }

  #isOurs(owner: Owner | undefined): boolean {
    return owner?.host === this.#owner.host && owner.pid === this.#owner.pid;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it is there, and somebody else's
  }
}
