import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDevelopmentCa, type DevelopmentCa } from '../../src/edge/development-ca.ts';
import { TicketKeys } from '../../src/edge/ticket-keys.ts';
import { LocalBus } from '../../src/store/bus.ts';
import { systemClock } from '../../src/store/clock.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { nodeName } from '../../src/store/services.ts';
import { type RunningGateway, startGateway } from './gateway.ts';

/** Several gateways in this process, as workers of one machine are, or nodes of one cluster. */
export class Fleet {
  readonly members: RunningGateway[] = [];
  readonly ca: DevelopmentCa;
  readonly store = new MemoryStore(systemClock);
  readonly #bus = new LocalBus();
  readonly #folders: string[] = [];
  readonly #shared: string;
  readonly #name = nodeName();

  private constructor(ca: DevelopmentCa) {
    this.ca = ca;
    this.#shared = this.#folder();
  }

  static async create(): Promise<Fleet> {
    return new Fleet(await createDevelopmentCa());
  }

  /** One more; with a folder of its own it is on another machine. */
  async add(
    config: Record<string, unknown>,
    { files = {}, apart = false }: { files?: Readonly<Record<string, string>>; apart?: boolean } = {},
  ): Promise<RunningGateway> {
    const number = this.members.length + 1;
    const role = {
      number: apart ? 1 : number,
      gateway: apart ? nodeName() : this.#name,
      workers: 1,
      generation: 1,
      tickets: new TicketKeys(),
      folder: apart ? this.#folder() : this.#shared,
      join: () => ({
        store: this.store,
        bus: this.#bus,
        node: nodeName(),
        alone: false,
        fail: 'local' as const,
      }),
    };
    const running = await startGateway({ config, files, ca: this.ca, role });
    this.members.push(running);
    return running;
  }

  async close(): Promise<void> {
    for (const each of this.members) await each.stop();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }

  #folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-fleet-'));
    this.#folders.push(folder);
    return folder;
  }
}
