import type { z } from 'zod';
import type { Candidate, Connection } from './connection.ts';
import type { RouteContext } from './context.ts';
import type { Direction, Message, Payload } from './message.ts';
import type { Principal } from './principal.ts';
import type { MaybePromise, Verdict } from './verdict.ts';

/**
 * A guard answers; it does nothing else. Every guard of a route must pass.
 * Throwing, or a promise that is not settled in time, is a refusal recorded as a fault of ours.
 */
export interface Guard {
  /** Once, before the upstream is dialled. */
  onUpgrade?(candidate: Candidate): MaybePromise<Verdict>;
  /** Once a refresh: whether a session that is open may go on with this principal. A no ends it. */
  onRenewal?(connection: Connection, principal: Principal): Verdict;
  /** Once a payload, on its bytes, before the dialect reads it. */
  onPayload?(payload: Payload, connection: Connection): MaybePromise<Verdict>;
  /** Once a message; several times for a batch. */
  onMessage?(message: Message, connection: Connection): MaybePromise<Verdict>;
  /** Once a round of the sweep while the connection is open, about twice a second; a no ends it. Must answer at once. */
  onTime?(connection: Connection): Verdict;
  /** Whose messages it judges; the client's where absent. */
  readonly directions?: readonly Direction[];
}

/**
 * The keys of a route that a guard reads: a tree whose leaves are schemas. `assembleRoute` in `config` merges the
 * trees of all kinds; two kinds may share a section (`limits`), never a leaf.
 */
export interface Fragment {
  readonly [key: string]: z.ZodType | Fragment;
}

/** The type of a route's part that a fragment describes. Sections are optional, leaves say for themselves. */
export type OptionsOf<F extends Fragment> = {
  readonly [K in keyof F]?: F[K] extends z.ZodType<infer T>
    ? T
    : F[K] extends Fragment
      ? OptionsOf<F[K]>
      : never;
};

/** What refuses beside the guards, as logs and metrics call it: no guard may have such a name. */
export const OTHER_JUDGES: readonly string[] = ['frames', 'dialect', 'renewal'];

/** A kind of guard: one file, its test, one row in `guards/kinds.ts`. */
export interface GuardKind<F extends Fragment = Fragment> {
  /** As written in `observe`, logs and metrics. */
  readonly name: string;
  readonly options: F;
  /** Builds the guard of one route, or undefined where the route configures nothing of it. */
  create(options: OptionsOf<F>, context: RouteContext): Guard | undefined;
}

/** Gives a kind its types; it does nothing else. */
export function guardKind<const F extends Fragment>(kind: GuardKind<F>): GuardKind<F> {
  return kind;
}
