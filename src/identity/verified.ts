import type { Principal } from '../pipeline/principal.ts';
import type { KeySet } from './key-set.ts';
import { TokenCache } from './token-cache.ts';

/** A token that has been verified, and what follows from it. */
export interface Verified {
  readonly principal: Principal;
  /** Wall time in milliseconds from which the token must not be believed. */
  readonly until: number;
  /** The certificate it is bound to (RFC 8705 §3.1), as base64url of its SHA-256. */
  readonly certificate: string | undefined;
}

const BOUNDS = { entries: 8_192, characters: 16 * 1_048_576 };

/**
 * Remembers verified tokens, so that a storm of reconnects costs a hash each and no signature. It only ever saves work:
 * an entry lives no longer than the token, and all are forgotten as soon as the key set changes.
 */
export class VerifiedTokens {
  readonly #tokens = new TokenCache<Verified>(BOUNDS);
  #keys: KeySet | undefined;

  get size(): number {
    return this.#tokens.size;
  }

  find(token: string, keys: KeySet, now: number): Verified | undefined {
    if (keys !== this.#keys) return undefined;
    const verified = this.#tokens.find(token);
    return verified !== undefined && now < verified.until ? verified : undefined;
  }

  forget(): void {
    this.#tokens.clear();
  }

  keep(token: string, keys: KeySet, verified: Verified): void {
    if (keys !== this.#keys) this.#tokens.clear();
    this.#keys = keys;
    this.#tokens.keep(token, verified, token.length);
  }
}
