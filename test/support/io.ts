import type { Io } from '../../src/cli/io.ts';

export interface TestIo extends Io {
  /** Lines to standard output. */
  readonly output: string[];
  /** Lines to standard error. */
  readonly errors: string[];
  /** Does what the operating system would do. */
  signal(name: NodeJS.Signals): void;
  /** Something that no part caught. */
  fault(error: unknown): void;
}

/** The world around a command: what it is given, and what it said. */
export function testIo(
  given: { environment?: Record<string, string>; input?: string; styled?: boolean } = {},
): TestIo {
  const output: string[] = [];
  const errors: string[] = [];
  const listeners = new Map<string, Set<(error?: unknown) => void>>();
  const on = (name: string, listener: (error?: unknown) => void) => {
    const all = listeners.get(name) ?? new Set();
    listeners.set(name, all.add(listener));
    return () => void all.delete(listener);
  };
  const call = (name: string, error?: unknown) => {
    for (const listener of listeners.get(name) ?? []) listener(error);
  };
  const input = given.input ?? '';
  return {
    environment: given.environment ?? {},
    output,
    errors,
    out: (line) => void output.push(line),
    err: (line) => void errors.push(line),
    style: (style, text) => (given.styled ? `<${style}>${text}</>` : text),
    input: () => Promise.resolve(input),
    secret: () => Promise.resolve(input.split('\n', 1)[0]!),
    onSignal: on,
    onFault: (listener) => on('fault', listener),
    signal: (name) => call(name),
    fault: (error) => call('fault', error),
  };
}
