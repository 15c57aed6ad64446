import path from 'node:path';
import type { Loaded } from '../config/load.ts';
import { Placer } from '../config/placer.ts';
import { ConfigError } from '../config/problem.ts';
import type { Recorder } from '../record/recorder.ts';
import { LocalBus } from '../store/bus.ts';
import type { Clock } from '../store/clock.ts';
import { FolderLock } from '../store/folder-lock.ts';
import type { RedisPlace } from '../store/redis-place.ts';
import { nodeName, type Reach } from '../store/services.ts';
import type { Revoker } from './revoke.ts';

/** What the configuration says of state, open. */
export interface State {
  /** Undefined where the configuration has no `state`: then nothing outlives the process. */
  readonly reach: Reach | undefined;
  /** What is wrong with it, for the health report. */
  troubles(): readonly string[];
  /** How often all that was kept has been lost, where somebody else keeps it. */
  losses(): number;
  close(): Promise<void>;
}

/**
 * Opens what outlives the process. A server that is away is no error yet: who needs to read it says so.
 *
 * @param role for one of several workers: their parent stands for all of them
 * @throws ConfigError for a folder that cannot be used, or that another gateway uses
 */
export async function openState(loaded: Loaded, clock: Clock, role?: object): Promise<State> {
  const { state } = loaded.config;
  if (!state) return { reach: undefined, troubles: () => [], losses: () => 0, close: async () => {} };
  if (state.redis) return openRedis(state.redis, state.fail);
  try {
    return await openFolder(path.resolve(loaded.directory, state.directory), state.fail, clock, role);
  } catch (error) {
    const placer = new Placer(loaded);
    placer.fault(['state', 'directory'], error instanceof Error ? error.message : String(error));
    throw new ConfigError(placer.problems);
  }
}

// The libraries of the stores are large: who has no such store does not load them.

async function openRedis(place: RedisPlace, fail: Reach['fail']): Promise<State> {
  const { RedisBus } = await import('../store/redis-bus.ts');
  const { RedisStore } = await import('../store/redis-store.ts');
  const node = nodeName();
  const timeout = place.timeout ?? 500;
  const bus = new RedisBus(place, node, { timeout });
  // What is back after a while, or has lost what it had, is to be read and written anew, as after a gap in the news.
  const store = new RedisStore(place, { timeout, returned: () => bus.gap() });
  await Promise.all([store.open(), bus.open()]);
  return {
    reach: { store, bus, node, alone: false, fail },
    troubles: () => [...new Set([store.trouble, bus.trouble])].filter((each) => each !== undefined),
    losses: () => store.losses,
    async close() {
      await bus.close();
      await store.close();
    },
  };
}

async function openFolder(folder: string, fail: Reach['fail'], clock: Clock, role?: object): Promise<State> {
  const { LmdbStore } = await import('../store/lmdb-store.ts');
  const store = new LmdbStore(folder, clock);
  const lock = new FolderLock(store, role ? process.ppid : process.pid);
  try {
    await lock.take();
  } catch (error) {
    await store.close();
    throw error;
  }
  return {
    reach: { store, bus: new LocalBus(), node: nodeName(), alone: true, fail },
    troubles: () => [store.trouble, lock.trouble].filter((each) => each !== undefined),
    losses: () => 0,
    async close() {
      await (role ? lock.stop() : lock.release().catch(() => {})); // who finds its word sees that the process has ended
      await store.close();
    },
  };
}

/**
 * Takes up what was revoked before this process was. Who does not know it would let in who was revoked: only where the
 * configuration says `fail: open` does a gateway start without, and learns it when the store is back.
 *
 * @throws ConfigError
 */
export async function recall(revoker: Revoker, loaded: Loaded): Promise<void> {
  const { state } = loaded.config;
  try {
    await revoker.open();
  } catch (error) {
    if (state?.fail === 'open') return;
    revoker.close();
    const placer = new Placer(loaded);
    const message = `cannot read what is revoked: ${error instanceof Error ? error.message : String(error)}`;
    placer.fault(['state', state?.redis ? 'redis' : 'directory'], message);
    throw new ConfigError(placer.problems);
  }
}

/** How often it is asked whether state can be had, in milliseconds. */
const WATCH = 1_000;

/** Says in the log when state cannot be had, when it is back, and when it has been lost. Returns how to stop. */
export function watchState({ reach, troubles, losses }: State, recorder: Recorder, clock: Clock): () => void {
  if (!reach) return () => {};
  const { kind } = reach.store;
  let since: number | undefined;
  let lost = 0;
  const look = (): void => {
    const [reason] = troubles();
    if (reason !== undefined && since === undefined) {
      since = clock.monotonic();
      recorder.event('state.lost', { kind, reason });
    } else if (reason === undefined && since !== undefined) {
      recorder.event('state.back', { kind, seconds: (clock.monotonic() - since) / 1_000 });
      since = undefined;
    }
    if (losses() > lost) recorder.event('state.emptied', { kind });
    lost = losses();
  };
  look();
  const timer = setInterval(look, WATCH).unref();
  return () => clearInterval(timer);
}
