import { type BigIntStats, lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';

/** Symbolic links that are followed for one path, as in Linux itself. */
const MAX_LINKS = 40;

/**
 * What a file (or a folder and the files in it) looks like: two stamps differ if it was written, replaced, or its
 * permissions changed. Something that cannot be looked at has the error's code for a stamp.
 */
export function stampOf(file: string): string {
  try {
    const own = statOf(file);
    if (!statSync(file).isDirectory()) return own;
    const entries = readdirSync(file).sort();
    return [inodeOf(file), ...entries.map((name) => `${name} ${statOf(path.join(file, name))}`)].join('\n');
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code ?? 'unreadable';
  }
}

/** Which file stands at this path now; undefined if none does, or it cannot be seen. */
export function inodeOf(file: string): string | undefined {
  const stat = seen(file);
  return stat && `${stat.dev}:${stat.ino}`;
}

function seen(file: string): BigIntStats | undefined {
  try {
    return statSync(file, { bigint: true });
  } catch {
    return undefined;
  }
}

function statOf(file: string): string {
  const stat = statSync(file, { bigint: true });
  return `${stat.dev}:${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
}

/**
 * The folders in which a change can change one of these paths, with the names that matter there; undefined where
 * every name does. These are the folder of the path, and of each symbolic link on the way to it.
 */
export function foldersOf(paths: Iterable<string>): Map<string, Set<string> | undefined> {
  const folders = new Map<string, Set<string> | undefined>();
  const note = (folder: string, name: string): void => {
    if (!folders.has(folder)) folders.set(folder, new Set());
    folders.get(folder)?.add(name);
  };
  for (const file of paths) {
    const real = follow(path.resolve(file), note);
    if (seen(real)?.isDirectory()) folders.set(real, undefined);
  }
  return folders;
}

/** The path without symbolic links, as far as it exists. */
function follow(file: string, note: (folder: string, name: string) => void): string {
  let at = path.parse(file).root;
  let ahead = partsOf(file);
  for (let links = 0; ahead.length > 0; ) {
    const [name, ...rest] = ahead as [string, ...string[]];
    const next = path.join(at, name);
    const target = links < MAX_LINKS ? targetOf(next) : undefined;
    if (target !== undefined || rest.length === 0) note(at, name);
    if (target === undefined) {
      at = next;
      ahead = rest;
      continue;
    }
    links++;
    ahead = [...partsOf(path.resolve(at, target)), ...rest];
    at = path.parse(file).root;
  }
  return at;
}

function partsOf(file: string): string[] {
  return file.split(path.sep).filter((part) => part !== '');
}

function targetOf(file: string): string | undefined {
  try {
    return lstatSync(file).isSymbolicLink() ? readlinkSync(file) : undefined;
  } catch {
    return undefined;
  }
}
