/**
 * What must outlive a reload: rate buckets, lockouts, key sets. Guards and identities are built anew with each plan
 * and ask here for their state by name.
 */
export class Shared {
  readonly #values = new Map<string, unknown>();

  /** The value of this key, made if this is the first time it is asked for. The key names its owner: `rate:chat`. */
  get<T>(key: string, make: () => T): T {
    if (!this.#values.has(key)) this.#values.set(key, make());
    // The key's owner alone decides T, and asks with the same one each time.
    return this.#values.get(key) as T;
  }
}
