import type { z } from 'zod';
import type { RouteContext } from './context.ts';
import type { Handshake } from './handshake.ts';
import type { Principal } from './principal.ts';
import type { MaybePromise, Refused } from './verdict.ts';

/** This identity saw nothing of its kind: the next one is asked. */
export const NOT_MINE = Symbol('not mine');

/** Yes (a principal), no (a refusal), or not mine. */
export type Identification = Principal | Refused | typeof NOT_MINE;

export interface Identity {
  identify(handshake: Handshake): MaybePromise<Identification>;
  /** Whether a credential may come by cookie: then the route must name its origins. */
  readonly readsCookie?: boolean;
  /** Names of query parameters that hold a credential: neither a log nor an upstream may see them. */
  readonly readsQuery?: readonly string[];
  /** Whether it reads bearer tokens, and so `Handshake.presented`: then a message can bring a new one. */
  readonly readsTokens?: boolean;
  /** Set where a credential is to be asked about again while the session that it opened lives. */
  readonly recheck?: Recheck;
  /** Called when the plan that it belongs to goes into service: fetches what the first client would else wait for. */
  prepare?(): Promise<void>;
  /** Lets go of what it can find out again: memory is short. */
  forget?(): void;
  /**
   * As `identify`, by what was known before the provider went away. Verified all the same: nothing is believed here that
   * the provider has not said or signed. Asked in an emergency alone, after `identify` has said `identity_unavailable`.
   */
  lastKnown?(handshake: Handshake): MaybePromise<Identification>;
  /** A problem that makes this identity unable to answer, for the health report; undefined when all is well. */
  health?(): string | undefined;
}

/**
 * Asks about credentials anew. That takes the credential itself: it is kept with the principal that it proved, as an
 * object, and goes with it.
 */
export interface Recheck {
  /** How often, in milliseconds. */
  readonly every: number;
  /** The credential behind a principal; undefined if this identity neither made it nor was given it. */
  credentialOf(principal: Principal): string | undefined;
  /** Is given a principal that was made elsewhere, by an identity of the same name, and what proved it. */
  takeOver(principal: Principal, credential: string): void;
  /** What follows from the credential now; a refusal `identity_unavailable` says that nobody knows. */
  ask(principal: Principal, handshake: Handshake): Promise<Identification>;
}

/** What may believe a credential after all when its provider is away: an emergency that an operator has declared. */
export interface LastResort {
  /** The refusal that it is given, unless it finds better. */
  reconsider(
    name: string,
    identity: Identity,
    handshake: Handshake,
    refused: Refused,
  ): Promise<Identification>;
}

/** A kind of identity: one file, one row in `identity/kinds.ts`. */
export interface IdentityKind<O = unknown> {
  /** The key in the configuration (`jwt`). */
  readonly name: string;
  readonly options: z.ZodType<O>;
  create(name: string, options: O, context: IdentityContext): Identity;
}

export type IdentityContext = Omit<RouteContext, 'route' | 'dialect' | 'protocols' | 'readsCookie'>;

export function isRefused(found: Identification): found is Refused {
  return typeof found === 'object' && 'pass' in found;
}
