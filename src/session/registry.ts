import type { Session } from './session.ts';

/** By what sessions are found; all that are given must hold. */
export interface Filter {
  readonly subject?: string;
  readonly tenant?: string;
  readonly address?: string;
  readonly tokenId?: string;
  /** Hexadecimal, lower case. */
  readonly certificateSerial?: string;
  readonly route?: string;
  readonly identity?: string;
}

const KEYS: { readonly [K in keyof Required<Filter>]: (session: Session) => string | undefined } = {
  subject: (session) => session.principal.subject,
  tenant: (session) => session.principal.tenant,
  address: (session) => session.address,
  tokenId: (session) => session.principal.tokenId,
  certificateSerial: ({ principal, certificate }) => principal.certificateSerial ?? certificate?.serial,
  route: (session) => session.route,
  identity: (session) => session.principal.identity,
};

const NAMES = Object.keys(KEYS) as (keyof Filter)[];

/** Every session of this process, found by id or by what identifies its holder without looking at the others. */
export class Registry implements Iterable<Session> {
  readonly #byId = new Map<string, Session>();
  readonly #indexes = NAMES.map(() => new Index());

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Session | undefined {
    return this.#byId.get(id);
  }

  add(session: Session): void {
    this.#byId.set(session.id, session);
    for (let i = 0; i < NAMES.length; i++) this.#indexes[i]!.add(KEYS[NAMES[i]!](session), session);
  }

  /** Changes what a session is found by. */
  rekey(session: Session, change: () => void): void {
    const known = this.#byId.get(session.id) === session;
    const keys = NAMES.map((name) => KEYS[name](session));
    change();
    if (!known) return;
    for (let i = 0; i < NAMES.length; i++) {
      const key = KEYS[NAMES[i]!](session);
      if (key === keys[i]) continue;
      this.#indexes[i]!.remove(keys[i], session);
      this.#indexes[i]!.add(key, session);
    }
  }

  remove(session: Session): void {
    if (!this.#byId.delete(session.id)) return;
    for (let i = 0; i < NAMES.length; i++) this.#indexes[i]!.remove(KEYS[NAMES[i]!](session), session);
  }

  /** The sessions that match all that the filter gives; an empty filter finds none, for it is no choice at all. */
  find(filter: Filter): Session[] {
    const given = NAMES.filter((name) => filter[name] !== undefined);
    if (given.length === 0) return [];
    const sets = given.map((name) => this.#indexes[NAMES.indexOf(name)]!.get(filter[name]!));
    const fewest = sets.reduce((a, b) => (sizeOf(a) <= sizeOf(b) ? a : b));
    return listOf(fewest).filter((session) => given.every((name) => KEYS[name](session) === filter[name]));
  }

  [Symbol.iterator](): IterableIterator<Session> {
    return this.#byId.values();
  }
}

/** Most keys have one session: a set for each would cost more than the session. */
type Entry = Session | Set<Session> | undefined;

class Index {
  readonly #entries = new Map<string, Session | Set<Session>>();

  get(key: string): Entry {
    return this.#entries.get(key);
  }

  add(key: string | undefined, session: Session): void {
    if (key === undefined) return;
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, session);
    else if (entry instanceof Set) entry.add(session);
    else this.#entries.set(key, new Set([entry, session]));
  }

  remove(key: string | undefined, session: Session): void {
    if (key === undefined) return;
    const entry = this.#entries.get(key);
    if (entry === session) this.#entries.delete(key);
    else if (entry instanceof Set && entry.delete(session) && entry.size === 0) this.#entries.delete(key);
  }
}

function sizeOf(entry: Entry): number {
  return entry === undefined ? 0 : entry instanceof Set ? entry.size : 1;
}

function listOf(entry: Entry): Session[] {
  return entry === undefined ? [] : entry instanceof Set ? [...entry] : [entry];
}
