import type { GuardKind } from '../pipeline/guard.ts';
import type { RecordOptions } from '../record/record.ts';
import type { Pages } from './pages.ts';

export interface GatewayOptions {
  /** Where log lines go, and how many of them. */
  readonly record?: RecordOptions;
  /** Guards of the program's own: they judge behind those that are built in, and their options are keys of a route. */
  readonly guards?: readonly GuardKind[];
  /** Pages that the listeners serve beside their sockets. */
  readonly pages?: Pages;
  /**
   * Whether a change of the configuration, or of a file that it names, reloads by itself; true where absent. What
   * listeners read (certificates, keys, CA bundles, revocation lists) is watched in any case.
   */
  readonly watch?: boolean;
}

export interface DrainOptions {
  /** Over how long sessions are closed, in milliseconds; `drain` of the configuration where absent. */
  readonly window?: number;
  /** Stops waiting: what is left is cut by `close`. */
  readonly signal?: AbortSignal;
}
