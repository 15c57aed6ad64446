import { availableParallelism } from 'node:os';
import { isLoaded, parseConfig, readConfigText } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { adminOf } from '../gateway/admin.ts';
import { createGateway } from '../gateway.ts';
import { systemClock } from '../store/clock.ts';
import { fork } from './fork.ts';
import { Supervisor } from './supervisor.ts';

/** What runs until it is told to end: a gateway in this process, or in several. */
export interface Service {
  /** @throws ConfigError for what cannot be served, and then nothing is open. */
  listen(): Promise<void>;
  /** Reads the configuration anew: all of it, or nothing. Never rejects. */
  reload(cause: string): Promise<unknown>;
  /** Begins to drain, and ends then. */
  stop(cause: string): void;
  /** Ends at once. */
  close(): Promise<void>;
  readonly closed: Promise<void>;
}

/**
 * Reads a configuration file and builds what it asks for. Opens nothing yet.
 *
 * @throws ConfigError with every problem and its place.
 */
export async function createService(file: string, options: { readonly watch: boolean }): Promise<Service> {
  const text = readConfigText(file);
  const loaded = typeof text === 'string' ? parseConfig(file, text) : [];
  const workers = isLoaded(loaded) ? workersOf(loaded.config) : 1;
  // Whatever is wrong with it, the gateway says.
  if (typeof text !== 'string' || !isLoaded(loaded) || workers === 1) return createGateway(file, options);
  const makeAdmin = await adminOf(loaded, systemClock.now());
  return new Supervisor(file, loaded, text, { ...options, workers, fork, makeAdmin });
}

/** How many processes serve. */
export function workersOf({ workers }: Pick<Config, 'workers'>): number {
  return workers === 'auto' ? availableParallelism() : workers;
}
