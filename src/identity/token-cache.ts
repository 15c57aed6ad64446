import { hash } from 'node:crypto';

/** How much a cache may hold; characters are of the text that its values stand for. */
export interface CacheBounds {
  readonly entries: number;
  readonly characters: number;
}

/**
 * Values by token. A token is kept as its SHA-256 alone, so that what leaks from here opens nothing. Bounded; the oldest
 * goes first.
 */
export class TokenCache<T> {
  readonly #bounds: CacheBounds;
  readonly #entries = new Map<string, { value: T; characters: number }>();
  #characters = 0;

  constructor(bounds: CacheBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(token: string): T | undefined {
    return this.#entries.get(digestOf(token))?.value;
  }

  /** @param characters How large the value is, or what it was made of. */
  keep(token: string, value: T, characters: number): void {
    const digest = digestOf(token);
    this.#drop(digest);
    this.#entries.set(digest, { value, characters });
    this.#characters += characters;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#bounds.entries && this.#characters <= this.#bounds.characters) break;
      this.#drop(oldest);
    }
  }

  drop(token: string): void {
    this.#drop(digestOf(token));
  }

  clear(): void {
    this.#entries.clear();
    this.#characters = 0;
  }

  #drop(digest: string): void {
    const entry = this.#entries.get(digest);
    if (!entry) return;
    this.#entries.delete(digest);
    this.#characters -= entry.characters;
  }
}

/** What a token is known by where its text must not be kept. */
export function digestOf(token: string): string {
  return hash('sha256', token, 'base64');
}
