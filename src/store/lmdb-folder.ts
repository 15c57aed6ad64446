import { randomInt } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { EntryError } from './entry.ts';
import { type Json, StoreError } from './store.ts';

/** The value, and when it ends: wall time in milliseconds, 0 for never. */
export type Entry = readonly [until: number, value: Json];

/** What there is under a key, and its version: whoever writes says which one was read. `null` for no entry at all. */
export interface Found {
  readonly entry: Entry | undefined;
  readonly version: number | null;
}

/** How many entries the sweep looks at before it lets others have their turn. */
const SWEPT_AT_ONCE = 1_000;

/** A folder of LMDB that several processes read and write. Writes are done by threads; nothing here blocks the loop. */
export class LmdbFolder {
  readonly #database: RootDatabase<Entry, string>;
  readonly #capacity: number;
  readonly #now: () => number;
  #closed = false;

  /** @throws StoreError if the folder cannot be made or used. */
  constructor(path: string, capacity: number, now: () => number) {
    this.#capacity = capacity;
    this.#now = now;
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      checkFolder(path);
      this.#database = open<Entry, string>({
        path,
        noSubdir: false,
        encoding: 'json',
        useVersions: true,
        pageSize: PAGE, // whatever the machine's is: the file may come to another one
      });
    } catch (error) {
      throw error instanceof StoreError ? error : new StoreError(`cannot use ${path}: ${wordsOf(error)}`);
    }
  }

  /** What every process has written by now. An entry that has ended is none, but keeps its version until it is swept. */
  find(key: string): Found {
    this.#database.resetReadTxn();
    const found = this.#database.getEntry(key);
    if (!found) return { entry: undefined, version: null };
    return { entry: this.#holds(found.value) ? found.value : undefined, version: found.version ?? null };
  }

  /** Whether it was written: not if the entry is not the one of this version any more. `null` removes. */
  async write(key: string, next: Entry | null, version: number | null): Promise<boolean> {
    if (next === null) return version === null || this.#database.remove(key, version);
    if (version === null && this.size >= this.#capacity) await this.sweep();
    if (version === null && this.size >= this.#capacity) throw new EntryError('the folder of state is full');
    // The new version is drawn, and not counted: an entry that was removed and made again is another one.
    return this.#database.put(key, next, randomInt(1, 2 ** 47), version as number); // null: only if there is none
  }

  *range(prefix: string): Iterable<readonly [string, Json]> {
    this.#database.resetReadTxn();
    for (const { key, value } of this.#database.getRange({ start: prefix })) {
      if (!key.startsWith(prefix)) return;
      if (this.#holds(value)) yield [key, value[1]];
    }
  }

  /** Resolves when everything that has been written is on the disk, and not only where the other processes see it. */
  async flushed(): Promise<void> {
    await this.#database.flushed;
  }

  /** Removes what has ended, a part at a time: a large folder keeps nobody waiting. */
  async sweep(): Promise<void> {
    for (let start = ''; !this.#closed; await new Promise(setImmediate)) {
      const looked = [...this.#database.getRange({ start, limit: SWEPT_AT_ONCE, versions: true })];
      const ended = looked.filter(({ value }) => !this.#holds(value));
      await Promise.all(ended.map(({ key, version = 0 }) => this.#database.remove(key, version)));
      if (looked.length < SWEPT_AT_ONCE) return;
      start = looked.at(-1)?.key ?? '';
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#database.close();
  }

  /** How many entries there are, those included that have ended and were not removed yet. */
  get size(): number {
    return (this.#database.getStats() as { entryCount: number }).entryCount;
  }

  #holds([until]: Entry): boolean {
    return until === 0 || until > this.#now();
  }
}

/** Where the facts of a database stand in each of its first two pages, in bytes (`MDB_meta` of LMDB 1.0, 64 bits). */
const META = { magic: 24, pageSize: 48, lastPage: 144, transaction: 152, length: 160 } as const;
const MAGIC = 0xbeefc0de;
const PAGE = 4_096;

/**
 * Looks at the file of a folder, and makes none. LMDB maps it into memory: one that is no database, or that was cut short,
 * would end the process without a word.
 *
 * @throws StoreError
 */
export function checkFolder(path: string): void {
  const file = join(path, 'data.mdb');
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    const { size } = fstatSync(handle);
    if (size > 0 && size < neededSize(handle)) throw new StoreError(`${file} is damaged: ${REMEDY}`);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new StoreError(`cannot use ${path}: ${wordsOf(error)}`);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

const REMEDY = 'put back a copy of it, or remove it and revoke again';

/** How large the file must be by what it says itself; endlessly large if it is no database. */
function neededSize(handle: number): number {
  let newest = { transaction: -1n, size: Infinity };
  for (const page of [0, 1]) {
    const bytes = Buffer.alloc(META.length);
    if (readSync(handle, bytes, 0, META.length, page * PAGE) < META.length) return Infinity;
    if (bytes.readUInt32LE(META.magic) !== MAGIC) return Infinity;
    const transaction = bytes.readBigUInt64LE(META.transaction);
    const pages = Number(bytes.readBigInt64LE(META.lastPage)) + 1;
    if (transaction > newest.transaction)
      newest = { transaction, size: pages * bytes.readUInt32LE(META.pageSize) };
  }
  return newest.size;
}

function wordsOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
