import { hash } from 'node:crypto';
import type { Principal } from '../pipeline/principal.ts';
import type { KeySet } from './key-set.ts';

/** A token that has been verified, and what follows from it. */
export interface Verified {
  readonly principal: Principal;
  /** Wall time in milliseconds from which the token must not be believed. */
  readonly until: number;
  /** The certificate it is bound to (RFC 8705 §3.1), as base64url of its SHA-256. */
  readonly certificate: string | undefined;
}

const MAX_TOKENS = 8_192;
const MAX_CHARACTERS = 16 * 1_048_576; // of token text that entries stand for

/**
 * Remembers verified tokens by their SHA-256, so that a storm of reconnects costs a hash each and no signature. It only
 * ever saves work: an entry lives no longer than the token, and all are forgotten as soon as the key set changes.
 * Bounded; the oldest goes first.
 */
export class VerifiedTokens {
  readonly #entries = new Map<string, { verified: Verified; characters: number }>();
  #keys: KeySet | undefined;
  #characters = 0;

  get size(): number {
    return this.#entries.size;
  }

  find(token: string, keys: KeySet, now: number): Verified | undefined {
    if (keys !== this.#keys) return undefined;
    const verified = this.#entries.get(digestOf(token))?.verified;
    return verified !== undefined && now < verified.until ? verified : undefined;
  }

  keep(token: string, keys: KeySet, verified: Verified): void {
    if (keys !== this.#keys) this.#forget(keys);
    const digest = digestOf(token);
    this.#drop(digest);
    this.#entries.set(digest, { verified, characters: token.length });
    this.#characters += token.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= MAX_TOKENS && this.#characters <= MAX_CHARACTERS) break;
      this.#drop(oldest);
    }
  }

  #forget(keys: KeySet): void {
    this.#entries.clear();
    this.#characters = 0;
    this.#keys = keys;
  }

  #drop(digest: string): void {
    const entry = this.#entries.get(digest);
    if (!entry) return;
    this.#entries.delete(digest);
    this.#characters -= entry.characters;
  }
}

function digestOf(token: string): string {
  return hash('sha256', token, 'base64');
}
