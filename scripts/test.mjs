// `npm test`: sets up what is missing, then runs every test. Arguments go to Vitest (`npm test -- src/edge`).
import { spawnSync } from 'node:child_process';
import { build, checkNode, install, root } from './setup.mjs';
import { ensureTools, missingTools } from './tools.mjs';

checkNode();
install();
build();
ensureTools();

const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
  },
);

const missing = missingTools();
if (missing.length > 0) {
  console.error(
    `could not run: the tests that need ${missing.join(', ')}, which could not be installed here`,
  );
}
process.exitCode = status !== 0 || (process.env.CI && missing.length > 0) ? 1 : 0;
