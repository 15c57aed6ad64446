/**
 * What a listener serves by name: exact names first, then wildcards, which stand for exactly one label
 * (RFC 9525 §6.3). Names are in lower case and without a trailing dot, those asked for too.
 */
export class NameTable<T> {
  readonly #exact = new Map<string, T>();
  /** By what follows `*.`. */
  readonly #wild = new Map<string, T>();

  /** The first to claim a name keeps it. */
  add(name: string, value: T): void {
    const wild = name.startsWith('*.');
    const map = wild ? this.#wild : this.#exact;
    const key = wild ? name.slice(2) : name;
    if (!map.has(key)) map.set(key, value);
  }

  find(name: string): T | undefined {
    const exact = this.#exact.get(name);
    if (exact !== undefined) return exact;
    const dot = name.indexOf('.');
    return dot > 0 ? this.#wild.get(name.slice(dot + 1)) : undefined;
  }
}

/** A name as SNI carries it, in the form of the table: lower case, one trailing dot off. */
export function serverName(sni: string): string {
  return (sni.endsWith('.') ? sni.slice(0, -1) : sni).toLowerCase();
}
