import { createHmac, randomBytes } from 'node:crypto';
import { TICKET_LIFE } from './tls-profile.ts';

/** In bytes. */
const SECRET_LENGTH = 32;

/**
 * The keys that seal TLS session tickets (RFC 5077 §5.5, RFC 8446 §4.6.1): all made from one secret, so that processes
 * that have the secret resume each other's sessions, and each for what its listener shows and trusts, so that a ticket
 * does not outlive a change of that.
 */
export class TicketKeys {
  #secret: Buffer;
  readonly #rotates: boolean;
  readonly #followers = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  /** With a secret, somebody else replaces it in time; without one, this makes its own and does so itself. */
  constructor(secret?: Uint8Array) {
    this.#secret = secret ? Buffer.from(secret) : randomBytes(SECRET_LENGTH);
    this.#rotates = secret === undefined;
  }

  /** What other processes need to have the same keys. */
  get secret(): Uint8Array {
    return this.#secret;
  }

  /** From here on, other keys: tickets that were issued before lead to a full handshake. */
  replace(secret: Uint8Array = randomBytes(SECRET_LENGTH)): void {
    this.#secret = Buffer.from(secret);
    for (const told of this.#followers) told();
  }

  /** The 48 bytes that `tls.Server.setTicketKeys` takes, for whom all of these parts are the same. */
  keysFor(...parts: readonly string[]): Buffer {
    const seal = createHmac('sha384', this.#secret);
    for (const part of parts) seal.update(`${part.length}:${part}`);
    return seal.digest();
  }

  /** Calls back when there are other keys. Returns how to stop. */
  follow(told: () => void): () => void {
    this.#followers.add(told);
    if (this.#rotates) this.#timer ??= setInterval(() => this.replace(), TICKET_LIFE * 1_000).unref();
    return () => {
      this.#followers.delete(told);
      if (this.#followers.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }
}
