// `npm test`: sets up what is missing, then runs every test. Arguments go to Vitest (`npm test -- src/edge`). Node is all
// that the tests need: every peer in them is a package or is made here.
import { spawnSync } from 'node:child_process';
import { build, checkNode, install, root } from './setup.mjs';

checkNode();
install();
build();

const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, vitest, { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
