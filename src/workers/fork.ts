import cluster from 'node:cluster';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { closeUndelivered } from './hand-over.ts';
import type { Forked } from './worker-process.ts';

/** The file that a worker runs, beside this one, before and after it was built. */
const MAIN = fileURLToPath(new URL(`./main${path.extname(import.meta.url)}`, import.meta.url));

/** What a worker writes comes here, so that the lines of several are not mixed up; messages are structured clones. */
const SETTINGS = {
  exec: MAIN,
  args: [],
  serialization: 'advanced',
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
} as const;

/**
 * Forks a worker. It opens the same addresses as all others: this process holds them, and deals out connections in
 * turn, for the kernel would give most of them to whoever is the least busy at the moment.
 */
export function fork(): Forked {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({ ...SETTINGS, args: [], stdio: [...SETTINGS.stdio] });
  const worker = cluster.fork();
  const child = worker.process;
  closeUndelivered(child);
  // What happens to the pipe shows when the process ends.
  worker.on('error', () => {});
  return {
    pid: child.pid,
    output: child.stdout,
    send: (message, done) => {
      if (worker.isConnected()) worker.send(message, done);
      else setImmediate(done, new Error('has ended'));
    },
    onMessage: (hear) => void worker.on('message', hear),
    onExit: (ended) => {
      worker.once('exit', ended);
      // One that could not even be started has no exit.
      child.once('error', () => child.pid === undefined && ended(null, null));
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
