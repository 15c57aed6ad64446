import type { Question } from '../admin/questions.ts';
import type { ConfigProblem } from '../config/problem.ts';
import type { Renewal } from '../gateway/rebuild.ts';
import type { Series } from '../record/meter.ts';
import type { Answers } from '../store/members.ts';
import type { RevocationOrder } from '../store/revocations.ts';

/** What a worker is told at its start. */
export interface StartOrder {
  /** From 1. */
  readonly number: number;
  readonly workers: number;
  /** The name of the configuration file, and the text that is in service whatever stands in it by now. */
  readonly file: string;
  readonly text: string;
  readonly generation: number;
  /** What all of them are one of. */
  readonly gateway: string;
  /** A folder that only the workers may enter. */
  readonly folder: string;
  /** From which the keys of TLS tickets are made. */
  readonly tickets: Uint8Array;
}

/** What a worker says of its start: absolute paths of all that it read and its name, or why it does not serve. */
export type StartReport =
  | { readonly files: readonly string[]; readonly node: string }
  | { readonly problems: readonly ConfigProblem[] };

/** What a worker says of a configuration that it was to prepare. */
export type PrepareReport =
  | { readonly ready: true }
  | { readonly ready: false; readonly problems: readonly ConfigProblem[]; readonly files: readonly string[] };

/** What the supervisor asks of a worker besides what an operator can do: arguments and answer. */
export interface WorkerTasks {
  start(order: StartOrder): StartReport;
  /** Builds what this text says, and changes nothing. */
  prepare(text: string): PrepareReport;
  /** Puts in service what was prepared. */
  commit(): Renewal;
  discard(): void;
  series(): readonly Series[];
  /** Ends sessions as a revocation does that another worker keeps; says how many. */
  enforce(order: RevocationOrder): number;
  /** Asks all other gateways. */
  askOthers(question: Question, args: readonly unknown[]): Answers<unknown>;
  /** Is it still there? */
  ping(): void;
}

/** What the supervisor tells a worker. */
export const NOTES = {
  /** News on the bus: channel, message. */
  news: 'news',
  /** News may have been lost. */
  gap: 'gap',
  /** Another secret for the keys of TLS tickets. */
  tickets: 'tickets',
  /** Another worker's process has ended; with its name. */
  ended: 'ended',
  /** Drain, then end; with the cause. */
  stop: 'stop',
  /** End at once. */
  close: 'close',
} as const;

/** What a worker tells the supervisor. */
export const REPORTS = {
  /** It hears from here on: what was sent before is lost. */
  hello: 'hello',
  /** It wants the news of this channel. */
  subscribe: 'subscribe',
  /** Something in it went wrong; it lets its sessions go, and ends. With the error. */
  leaving: 'leaving',
} as const;
