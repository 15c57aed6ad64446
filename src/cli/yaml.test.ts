import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testIo } from '../../test/support/io.ts';
import { run } from './run.ts';
import { readYaml } from './yaml.ts';

let file: string;

beforeAll(() => {
  file = join(mkdtempSync(join(tmpdir(), 'sallyport-yaml-')), 'broken.yaml');
  writeFileSync(file, 'a: [\nb: }\n');
});

afterAll(() => rmSync(join(file, '..'), { recursive: true }));

it('reads YAML, and JSON, which is some', () => {
  expect(readYaml('package.json')).toMatchObject({ name: 'sallyport' });
});

it.each([
  ['load', '--scenario', 'FILE'],
  ['rehearse', 'FILE'],
  ['rehearse', 'zone-loss', '--alerts', 'FILE'],
  ['fuzz', 'wss://127.0.0.1:1/', '--schema', 'FILE'],
])('%s %s: what is no YAML gets one clear line, with its place', async (...args) => {
  const io = testIo();
  const given = args.filter((each) => each !== undefined).map((each) => each.replace('FILE', file));
  expect(await run(given, io)).toBe('usage');
  expect(io.errors.at(-1)).toMatch(
    /^sallyport: cannot read \S+broken\.yaml(:\d+)?: [^\n]+ line \d+, column \d+$/,
  );
});
