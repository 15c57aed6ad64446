import type { AdminListener } from '../admin/admin-listener.ts';
import type { Operator } from '../admin/operator.ts';
import type { Loaded } from '../config/load.ts';
import type { Recorder } from '../record/recorder.ts';
import { adminOptions } from './admin-options.ts';

/** Makes the admin API for whoever can do what it offers. Opens nothing. */
export type MakeAdmin = (operator: Operator, recorder: Recorder) => AdminListener;

/**
 * The admin API that the configuration asks for; undefined if it asks for none, and then nothing of it is loaded.
 *
 * @throws ConfigError
 */
export async function adminOf(loaded: Loaded, now: number): Promise<MakeAdmin | undefined> {
  const options = adminOptions(loaded, now);
  if (!options) return undefined;
  const { AdminListener } = await import('../admin/admin-listener.ts');
  return (operator, recorder) => new AdminListener(operator, recorder, options);
}
