import { createHash, timingSafeEqual } from 'node:crypto';
import type { Access } from './operation.ts';

/** A secret that opens the admin API, and the name that stands for its holder in the record. */
export interface Token {
  readonly name: string;
  readonly value: string;
  readonly access: Exclude<Access, 'anyone'>;
}

/** Who a token belongs to, and what it opens. */
export interface Holder {
  readonly name: string;
  readonly access: Token['access'];
}

/** Tells the holders of tokens apart, in a time that says nothing of how much of a guess was right. */
export class Tokens {
  readonly #known: readonly (Holder & { readonly digest: Buffer })[];

  constructor(tokens: readonly Token[]) {
    this.#known = tokens.map(({ name, access, value }) => ({ name, access, digest: digestOf(value) }));
  }

  /** The holder of the token in this Authorization field (RFC 6750 §2.1); undefined if it is nobody's. */
  holderOf(authorization: string): Holder | undefined {
    const [, token] = /^bearer +([!-~]{1,1024})$/i.exec(authorization) ?? [];
    if (token === undefined) return undefined;
    const digest = digestOf(token);
    let holder: Holder | undefined;
    // Digests are of one length, and all of them are compared: neither says anything.
    for (const known of this.#known) if (timingSafeEqual(digest, known.digest)) holder ??= known;
    return holder;
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
