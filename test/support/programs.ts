import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';

/** Whether a program is on the PATH. */
function isThere(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Tests that need a program of the system. Where it is not there they do not run, and the end of the run says so in one
 * line (`scripts/not-run.ts` reads it from the name).
 */
export function describeWith(program: string, name: string, tests: () => void): void {
  describe.skipIf(!isThere(program))(isThere(program) ? name : `${name} (needs ${program})`, tests);
}
