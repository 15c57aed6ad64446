import { createHash, randomBytes } from 'node:crypto';
import { Budget } from './journal.ts';

/** Bytes of a token that nobody can guess (RFC 4086): 256 bits. */
const SECRET = 32;

/** A token as it is kept: one that is read out of our memory opens nothing. */
export type TokenHash = string & { readonly __brand: 'TokenHash' };

export interface ParkingLimits {
  /** Sessions that may wait for their clients at the same time. */
  readonly sessions: number;
  /** What all journals together may take, in bytes. */
  readonly bytes: number;
}

/** Enough for a network that drops everybody once, little enough to hold in memory. */
const LIMITS: ParkingLimits = { sessions: 50_000, bytes: 256 * 1_048_576 };

/**
 * Every session of this process that its client may come back to, found by the token that the client was given last. It
 * bounds how many wait and how much they hold: one that has no room is not kept, and its client begins anew.
 */
export class Parking<S> {
  readonly node: string;
  readonly journals: Budget;
  readonly #sessions = new Map<TokenHash, S>();
  readonly #limit: number;
  /** How many wait at the moment. */
  parked = 0;

  /** @param node the name of this process, 16 hexadecimal digits: tokens begin with it, so that others find their way here */
  constructor(node: string, limits: ParkingLimits = LIMITS) {
    this.node = node;
    this.journals = new Budget(limits.bytes);
    this.#limit = limits.sessions;
  }

  /** A new token for this session, and how it is kept. */
  issue(session: S): { readonly token: string; readonly hash: TokenHash } {
    const token = this.node + randomBytes(SECRET).toString('base64url');
    const hash = hashOf(token);
    this.#sessions.set(hash, session);
    return { token, hash };
  }

  /** The token leads nowhere any more. */
  revoke(hash: TokenHash): void {
    this.#sessions.delete(hash);
  }

  /** Finding by hash tells nobody by its time how much of a guess was right. */
  find(token: string): { readonly session: S; readonly hash: TokenHash } | undefined {
    const hash = hashOf(token);
    const session = this.#sessions.get(hash);
    return session && { session, hash };
  }

  /** Whether one more may wait; if so, it does, until `leave`. */
  enter(): boolean {
    if (this.parked >= this.#limit) return false;
    this.parked++;
    return true;
  }

  leave(): void {
    this.parked--;
  }
}

/** The process that made a token. */
export function nodeOf(token: string): string {
  return token.slice(0, 16);
}

function hashOf(token: string): TokenHash {
  return createHash('sha256').update(token).digest('base64') as TokenHash;
}
