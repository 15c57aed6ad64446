import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { processIo } from './io.ts';

const terminal = Object.getOwnPropertyDescriptor(process.stdout, 'isTTY');

function showOn(isTerminal: boolean): string {
  Object.defineProperty(process.stdout, 'isTTY', { value: isTerminal, configurable: true });
  return processIo().style('red', 'text');
}

beforeEach(() => {
  vi.stubEnv('NO_COLOR', undefined);
  vi.stubEnv('FORCE_COLOR', undefined);
  vi.stubEnv('TERM', 'xterm');
});

afterEach(() => {
  vi.unstubAllEnvs();
  if (terminal) Object.defineProperty(process.stdout, 'isTTY', terminal);
  else Reflect.deleteProperty(process.stdout, 'isTTY');
});

it('shows styles on a terminal, and nowhere else', () => {
  expect(showOn(true)).toBe('\u001b[31mtext\u001b[39m');
  expect(showOn(false)).toBe('text');
});

it.each([
  ['NO_COLOR', '1'],
  ['TERM', 'dumb'],
])('shows none where %s=%s', (name, value) => {
  vi.stubEnv(name, value);
  expect(showOn(true)).toBe('text');
});

it('NO_COLOR that is empty says nothing', () => {
  vi.stubEnv('NO_COLOR', '');
  expect(showOn(true)).not.toBe('text');
});
