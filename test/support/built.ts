import { execFileSync } from 'node:child_process';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** The command line as it is shipped. */
export const MAIN = path.join(ROOT, 'dist/cli/main.js');

let built = false;

/** Builds what is shipped, for who runs one file without `npm test`. Does nothing if it is built. */
export function build(): void {
  if (built) return;
  built = true;
  execFileSync(process.execPath, ['-e', "import('./scripts/setup.mjs').then((setup) => setup.build())"], {
    cwd: ROOT,
  });
}
