import type { Handshake } from '../pipeline/handshake.ts';
import { type Identification, type Identity, type IdentityContext, NOT_MINE } from '../pipeline/identity.ts';
import type { MaybePromise } from '../pipeline/verdict.ts';
import type { Clock } from '../store/clock.ts';
import { Bearer, type BearerOptions } from './bearer.ts';

/** An identity that takes bearer tokens. Where they stand is the same for all; what becomes of one is each one's own. */
export abstract class BearerIdentity implements Identity {
  readonly readsTokens = true;
  readonly readsCookie: boolean;
  readonly readsQuery: readonly string[];
  protected readonly clock: Clock;
  protected readonly bearer: Bearer;

  constructor(name: string, options: BearerOptions, { services }: IdentityContext) {
    this.clock = services.clock;
    this.bearer = new Bearer(name, options, services);
    this.readsCookie = this.bearer.readsCookie;
    this.readsQuery = this.bearer.readsQuery;
  }

  identify(handshake: Handshake): MaybePromise<Identification> {
    const token = this.bearer.find(handshake);
    if (token === undefined) return NOT_MINE;
    return typeof token === 'object' ? token : this.judge(token, handshake);
  }

  lastKnown(handshake: Handshake): MaybePromise<Identification> {
    const token = this.bearer.find(handshake);
    return typeof token === 'string' ? this.recall(token, handshake) : NOT_MINE;
  }

  /** What becomes of a token that stands in its place and is short enough. */
  protected abstract judge(token: string, handshake: Handshake): MaybePromise<Identification>;

  /** The same, by what was known before the provider went away. */
  protected abstract recall(token: string, handshake: Handshake): MaybePromise<Identification>;
}
