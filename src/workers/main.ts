import cluster from 'node:cluster';
import { faultLine } from '../record/fault-line.ts';
import { Worker } from './worker.ts';

// One worker process: forked by the supervisor, which tells it everything else.

const parent = cluster.worker;
if (!parent || !process.send) {
  process.stderr.write(
    'This is a part of `sallyport serve`, which starts it where the configuration has `workers`.\n',
  );
  process.exit(2);
}

const worker = new Worker(
  {
    send: (message, done) => {
      if (process.connected) process.send?.(message, undefined, undefined, done);
      else setImmediate(done, new Error('the supervisor has gone'));
    },
    onMessage: (hear) => void process.on('message', hear),
  },
  (code) => process.exit(code),
);

// A terminal, or systemd, signals all processes together. The supervisor has got it too, and says what to do.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

// What nobody caught leaves the process in a state that nobody knows.
let broken = false;
const fault = (error: unknown): void => {
  if (broken) process.exit(3);
  broken = true;
  const line = faultLine(error);
  process.stderr.write(`sallyport: a fault that nothing caught, draining: ${line}\n`);
  worker.fault(line);
};
process.on('uncaughtException', fault).on('unhandledRejection', fault);

parent.on('disconnect', () => {
  // Node would end the process here and now, and its clients would not be told why.
  parent.exitedAfterDisconnect = true;
  void worker.orphaned();
});
