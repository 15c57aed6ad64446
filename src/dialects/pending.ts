/** Calls of one side that await their answer, at most. OCPP allows one; others a handful. */
export const MAX_PENDING = 64;

/**
 * What the calls of one side were, until they are answered. Bounded: the oldest is forgotten first, so a side that never
 * gets an answer holds no memory, and an answer that comes later than 64 calls is an answer to nothing.
 */
export class Pending {
  readonly #types = new Map<string | number, string>();

  /** Whether the id may be used: it is free, or the same call is sent again. */
  add(id: string | number, type: string): boolean {
    const known = this.#types.get(id);
    if (known !== undefined) return known === type;
    if (this.#types.size >= MAX_PENDING) this.forget(this.#types.keys().next().value!);
    this.#types.set(id, type);
    return true;
  }

  /** The type of the call with this id; undefined if none awaits an answer. */
  typeOf(id: string | number): string | undefined {
    return this.#types.get(id);
  }

  forget(id: string | number): void {
    this.#types.delete(id);
  }
}

/** The pending calls of both sides of one session. */
export class Calls {
  /** By who called. */
  readonly client = new Pending();
  readonly server = new Pending();
}
