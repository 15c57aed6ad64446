import { type FSWatcher, watch } from 'node:fs';
import path from 'node:path';
import { foldersOf, inodeOf, stampOf } from './stamp.ts';

export interface WatchOptions {
  /** Quiet time after the last event before anybody is told, in milliseconds: a swap is several events. */
  readonly debounce?: number;
  /** How often every file is looked at even if the system announced nothing, in milliseconds. */
  readonly poll?: number;
}

/** Told which paths changed. Runs one at a time. */
export type OnChange = (changed: readonly string[]) => void | Promise<void>;

export interface Watching {
  /** Watches these instead. What is known of a path that stays is kept, so no change is lost in between. */
  update(paths: Iterable<string>): void;
  close(): void;
}

/**
 * Tells of changes to files, and to the entries of folders. Not the files but the folders they (and the symbolic
 * links on the way to them) stand in are watched: an atomic rename gives a path a new inode, and Kubernetes swaps
 * the link `..data`. A poll sees what the system does not announce (network mounts, folders that came later).
 *
 * Changes while `onChange` runs lead to one more run. If it throws, the change counts as unseen and is offered
 * again at the next event or poll. Files are looked at synchronously: they are few, and read the same way at load.
 */
export function watchFiles(
  paths: Iterable<string>,
  onChange: OnChange,
  options: WatchOptions = {},
): Watching {
  return new Watcher(paths, onChange, options.debounce ?? 100, options.poll ?? 30_000);
}

interface Folder {
  readonly watcher: FSWatcher;
  readonly inode: string | undefined;
}

class Watcher implements Watching {
  readonly #onChange: OnChange;
  readonly #debounce: number;
  readonly #poll: NodeJS.Timeout;
  /** What each path looked like when it was last reported. */
  #stamps = new Map<string, string>();
  readonly #folders = new Map<string, Folder>();
  /** The names that matter in each watched folder; undefined means all. */
  #names = new Map<string, Set<string> | undefined>();
  #soon: NodeJS.Timeout | undefined;
  #running = false;
  #again = false;
  #closed = false;

  constructor(paths: Iterable<string>, onChange: OnChange, debounce: number, poll: number) {
    this.#onChange = onChange;
    this.#debounce = debounce;
    this.#poll = setInterval(() => this.#look(), poll).unref();
    this.update(paths);
  }

  update(paths: Iterable<string>): void {
    if (this.#closed) return;
    const stamps = new Map<string, string>();
    for (const each of paths) {
      const file = path.resolve(each);
      stamps.set(file, this.#stamps.get(file) ?? stampOf(file));
    }
    const known = [...stamps.keys()].every((file) => this.#stamps.has(file));
    if (known && stamps.size === this.#stamps.size) return; // or what always fails would never rest
    this.#stamps = stamps;
    this.#arm();
    // Something may have changed between the stamp and the watch.
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#soon);
    for (const folder of [...this.#folders.keys()]) this.#drop(folder);
  }

  /** Watches the folders that matter now, and only those: links may lead elsewhere than before. */
  #arm(): void {
    this.#names = foldersOf(this.#stamps.keys());
    for (const [folder, { inode }] of this.#folders) {
      if (!this.#names.has(folder) || inodeOf(folder) !== inode) this.#drop(folder);
    }
    for (const folder of this.#names.keys()) {
      if (!this.#folders.has(folder)) this.#open(folder);
    }
  }

  #open(folder: string): void {
    try {
      const inode = inodeOf(folder);
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        const names = this.#names.get(folder);
        if (names === undefined || name === null || names.has(name)) this.#wake();
      });
      watcher.on('error', () => this.#drop(folder));
      this.#folders.set(folder, { watcher, inode });
    } catch {
      // Not there, or no watches left (ENOSPC): the poll looks instead, and tries again.
    }
  }

  #drop(folder: string): void {
    this.#folders.get(folder)?.watcher.close();
    this.#folders.delete(folder);
  }

  #wake(): void {
    if (this.#closed) return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#look();
    }, this.#debounce).unref();
    this.#soon.refresh();
  }

  #look(): void {
    if (this.#closed) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#arm();
    const before = new Map<string, string>();
    for (const [file, stamp] of this.#stamps) {
      const now = stampOf(file);
      if (now === stamp) continue;
      before.set(file, stamp);
      this.#stamps.set(file, now);
    }
    if (before.size > 0) void this.#tell(before);
  }

  async #tell(before: ReadonlyMap<string, string>): Promise<void> {
    this.#running = true;
    try {
      await this.#onChange([...before.keys()]);
    } catch {
      for (const [file, stamp] of before) if (this.#stamps.has(file)) this.#stamps.set(file, stamp);
    }
    this.#running = false;
    if (!this.#again) return;
    this.#again = false;
    this.#look();
  }
}
