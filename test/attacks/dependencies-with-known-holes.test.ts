// OP-14: versions that are known to be broken are not in what is published, whoever asks for them.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Package → the first version without the hole. */
const FIRST_GOOD: Readonly<Record<string, string>> = {
  ajv: '8.18.0', // CVE-2025-69873: a pattern from the message
  jose: '4.15.5', // CVE-2024-28176: a bomb in an encrypted token
  undici: '7.24.0', // CVE-2026-1526: a compression bomb
  'websocket-driver': '0.7.5', // CVE-2026-54466: an endless length
  ws: '8.21.1', // CVE-2026-48779: tiny fragments
};

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<string, { version?: string; dev?: boolean }>;
};

const installed = Object.entries(packages).flatMap(([path, { version = '', dev = false }]) => {
  const name = path.split('node_modules/').at(-1) ?? '';
  return name in FIRST_GOOD && !dev ? [[name, version] as const] : [];
});

it('finds those that it looks for', () => {
  expect(installed.map(([name]) => name)).toEqual(expect.arrayContaining(['ajv', 'jose']));
});

it.each(installed)('%s %s', (name, version) => {
  const [have, want] = [version, FIRST_GOOD[name]!].map((text) => text.split('.').map(Number));
  const place = want!.findIndex((number, i) => number !== have![i]);
  expect(place < 0 || have![place]! > want![place]!).toBe(true);
});
