import { ConfigError, problemText } from '../config/problem.ts';
import { faultLine } from '../record/fault-line.ts';
import { createService, type Service } from '../workers/service.ts';
import type { Exit } from './exit.ts';
import type { Io } from './io.ts';
import { DEFAULT_FILE, type Verb } from './verb.ts';

/** `sallyport serve [FILE]` */
export const verb: Verb = {
  positionals: ['[FILE]'],
  options: {
    'no-watch': {
      type: 'boolean',
      help: 'Reload on SIGHUP and by the admin API only, not when files change. Certificates are watched all the same.',
    },
  },
  examples: ['serve', 'serve /etc/sallyport/sallyport.yaml --no-watch'],
  notes: [
    `FILE is ${DEFAULT_FILE} if left out. Log lines go to standard output.`,
    'SIGHUP reads the configuration and all files anew. SIGTERM and SIGINT drain: nobody new is admitted, sessions are',
    'closed spread over the drain window; a second one ends everything at once.',
  ].join('\n'),
  async run(given, io): Promise<Exit> {
    let service: Service;
    try {
      service = await createService(given.positionals[0] ?? DEFAULT_FILE, { watch: !given.flag('no-watch') });
    } catch (error) {
      return report(error, io, 'problems');
    }
    try {
      await service.listen();
    } catch (error) {
      return report(error, io, 'failed');
    }
    return await ended(service, io);
  },
};

/** One line a problem; what is no problem of the configuration is the caller's. */
function report(error: unknown, io: Io, exit: Exit): Exit {
  if (!(error instanceof ConfigError)) throw error;
  for (const problem of error.problems) io.err(problemText(problem));
  return exit;
}

/** Serves until a signal, the admin API, a second signal or a fault brings it to an end. */
async function ended(service: Service, io: Io): Promise<Exit> {
  let exit: Exit = 'done';
  let signals = 0;
  const stop = (): void => {
    if (++signals === 1) service.stop('signal');
    else {
      exit = 'cut';
      void service.close();
    }
  };
  const off = [
    io.onSignal('SIGHUP', () => void service.reload('signal')),
    io.onSignal('SIGTERM', stop),
    io.onSignal('SIGINT', stop),
    // What nobody caught leaves the process in a state that nobody knows: sessions are let go, and it ends.
    io.onFault((error) => {
      exit = 'failed';
      io.err(`sallyport: a fault that nothing caught, draining: ${faultLine(error)}`);
      service.stop('fault');
    }),
  ];
  await service.closed;
  for (const each of off) each();
  return exit;
}
