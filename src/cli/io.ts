import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** What a verb knows of the world outside, so that tests can be that world. */
export interface Io {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A line to standard output. */
  out(line: string): void;
  /** A line to standard error. */
  err(line: string): void;
  /** The text in this style, if the output is one that shows styles. */
  style(style: Style, text: string): string;
  /** All of standard input. */
  input(): Promise<string>;
  /** One line that is not shown while it is typed; without a terminal, the first line of standard input. */
  secret(prompt: string): Promise<string>;
  /** Calls back for each signal of this name, until the function it returns is called. */
  onSignal(signal: NodeJS.Signals, listener: () => void): () => void;
  /** Calls back for what no part caught, until the function it returns is called. */
  onFault(listener: (error: unknown) => void): () => void;
}

/** This process. Styles are for terminals, unless `NO_COLOR` is set (no-color.org) or `TERM` is `dumb`. */
export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  const styled = stdout.isTTY && !env.NO_COLOR && env.TERM !== 'dumb';
  return {
    environment: env,
    out: (line) => void stdout.write(`${line}\n`),
    err: (line) => void stderr.write(`${line}\n`),
    style: (style, text) => (styled ? styleText(style, text) : text),
    input: () => textOf(stdin),
    onSignal: (signal, listener) => {
      process.on(signal, listener);
      return () => process.off(signal, listener);
    },
    onFault: (listener) => {
      process.on('uncaughtException', listener).on('unhandledRejection', listener);
      return () => process.off('uncaughtException', listener).off('unhandledRejection', listener);
    },
    secret: async (prompt) =>
      stdin.isTTY ? await ask(prompt) : ((await textOf(stdin)).split(/\r?\n/, 1)[0] ?? ''),
  };
}

function ask(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  // What readline echoes goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise((resolve, reject) => {
    terminal.once('SIGINT', () => reject(new Error('interrupted')));
    terminal.question('', (answer) => {
      terminal.close();
      process.stderr.write('\n');
      resolve(answer);
    });
  });
}
