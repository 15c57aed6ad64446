// `npm test`: sets up what is missing, then runs every test. Arguments go to Vitest (`npm test -- src/edge`). Nearly every
// peer in the tests is a package or is made here; some are programs of the system.
import { spawnSync } from 'node:child_process';
import { installPrograms } from './programs.mjs';
import { build, checkNode, install, root } from './setup.mjs';

checkNode();
install();
installPrograms();
build();

const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, vitest, { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
