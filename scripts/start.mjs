// `npm start`: sets up what is missing, then runs the demonstration: the gateway doing its job on real traffic.
import { spawn } from 'node:child_process';
import { build, checkNode, install, root } from './setup.mjs';

checkNode();
install();
build();

const demo = spawn(process.execPath, ['--import', 'tsx', 'examples/demo/main.ts', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  // Not the one at the root, which leads `sallyport` to its sources: the demonstration runs what is shipped.
  env: { ...process.env, TSX_TSCONFIG_PATH: 'examples/tsconfig.json' },
});
// Ctrl-C reaches the demonstration by itself (same terminal); this process only waits for it to drain.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => demo.kill('SIGTERM'));
demo.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1);
});
