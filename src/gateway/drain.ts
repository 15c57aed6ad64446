import { drainTimes } from '../config/drain.ts';
import type { Config } from '../config/schema.ts';
import { drain } from '../session/drain.ts';
import type { Registry } from '../session/registry.ts';
import type { Services } from '../store/services.ts';
import type { DrainOptions } from './options.ts';

/** Lets all sessions go in the time that the configuration gives them, and records how it went. */
export async function drainAll(
  registry: Registry,
  { recorder, clock }: Pick<Services, 'recorder' | 'clock'>,
  config: Config['drain'],
  cause: string,
  { window, signal }: DrainOptions,
): Promise<void> {
  const begun = clock.monotonic();
  const sessions = registry.size;
  const times = drainTimes(config, window);
  recorder.event('drain.started', { cause, sessions, seconds: times.window / 1_000 });
  const left = await drain(registry, { ...times, ...(signal && { signal }) });
  const seconds = (clock.monotonic() - begun) / 1_000;
  recorder.event('drain.finished', { closed: Math.max(0, sessions - left), left, seconds });
}
