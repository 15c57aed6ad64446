import { ConfigError, problemText } from '../config/problem.ts';
import type { Gateway } from '../gateway.ts';
import type { Exit } from './exit.ts';
import type { Io } from './io.ts';
import { DEFAULT_FILE, type Verb } from './verb.ts';

/** `sallyport serve [FILE]` */
export const serve: Verb = {
  name: 'serve',
  summary: 'Run the gateway.',
  positionals: ['[FILE]'],
  options: {
    'no-watch': {
      type: 'boolean',
      help: 'Reload on SIGHUP and by the admin API only, not when files change. Certificates are watched all the same.',
    },
  },
  notes: [
    `FILE is ${DEFAULT_FILE} if left out. Log lines go to standard output.`,
    'SIGHUP reads the configuration and all files anew. SIGTERM and SIGINT drain: nobody new is admitted, sessions are',
    'closed spread over the drain window; a second one ends everything at once.',
  ].join('\n'),
  async run(given, io): Promise<Exit> {
    // The other commands do without the servers, and so do not load them.
    const { createGateway } = await import('../gateway.ts');
    let gateway: Gateway;
    try {
      gateway = await createGateway(given.positionals[0] ?? DEFAULT_FILE, { watch: !given.flag('no-watch') });
    } catch (error) {
      return report(error, io, 'problems');
    }
    try {
      await gateway.listen();
    } catch (error) {
      return report(error, io, 'failed');
    }
    return await ended(gateway, io);
  },
};

/** One line a problem; what is no problem of the configuration is the caller's. */
function report(error: unknown, io: Io, exit: Exit): Exit {
  if (!(error instanceof ConfigError)) throw error;
  for (const problem of error.problems) io.err(problemText(problem));
  return exit;
}

/** Serves until a signal, the admin API, a second signal or a fault brings it to an end. */
async function ended(gateway: Gateway, io: Io): Promise<Exit> {
  let exit: Exit = 'done';
  let signals = 0;
  const stop = (): void => {
    if (++signals === 1) gateway.stop('signal');
    else {
      exit = 'cut';
      void gateway.close();
    }
  };
  const off = [
    io.onSignal('SIGHUP', () => void gateway.reload('signal')),
    io.onSignal('SIGTERM', stop),
    io.onSignal('SIGINT', stop),
    // What nobody caught leaves the process in a state that nobody knows: sessions are let go, and it ends.
    io.onFault((error) => {
      exit = 'failed';
      io.err(`sallyport: a fault that nothing caught, draining: ${lineOf(error)}`);
      gateway.stop('fault');
    }),
  ];
  await gateway.closed;
  for (const each of off) each();
  return exit;
}

/** Name and place, without the message: it may quote what a client sent. */
function lineOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return `${error.name} ${/^\s*at .*$/m.exec(error.stack ?? '')?.[0].trim() ?? ''}`;
}
