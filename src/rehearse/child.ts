import path from 'node:path';
import { fileURLToPath } from 'node:url';

const EXTENSION = path.extname(import.meta.url);

/** What `node` needs before the file: until it is built, something that reads TypeScript. */
export const LOADER: readonly string[] = EXTENSION === '.ts' ? ['--import', 'tsx'] : [];

/** A file beside this folder's files, as a process runs it: without its extension. */
export function programOf(name: string): string {
  return fileURLToPath(new URL(`${name}${EXTENSION}`, import.meta.url));
}

const running = new Set<number>();

/** Whatever happens, what was started ends with this process: by its id, at the latest when this process exits. */
export function guardChild(child: {
  readonly pid?: number | undefined;
  once(event: 'exit', listener: () => void): unknown;
}): void {
  const { pid } = child;
  if (pid === undefined) return;
  if (running.size === 0) process.on('exit', killAll);
  running.add(pid);
  child.once('exit', () => {
    running.delete(pid);
    if (running.size === 0) process.off('exit', killAll);
  });
}

function killAll(): void {
  for (const pid of running) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended
    }
  }
}
