import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testIo } from '../../test/support/io.ts';
import { configJsonSchema } from '../config/schema.ts';
import { matches, parseHash } from '../identity/secret-hash.ts';
import { EXIT } from './exit.ts';
import { codeOf, run } from './run.ts';
import { VERBS } from './verbs.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sallyport-cli-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('the help names every command and every exit code', async () => {
  const io = testIo();
  expect(await run(['--help'], io)).toBe('done');
  const help = io.output.join('\n');
  for (const { name, summary } of VERBS) expect(help).toMatch(new RegExp(`^ {2}${name} +${summary}$`, 'm'));
  for (const { code, meaning } of Object.values(EXIT))
    expect(help).toMatch(new RegExp(`^ {2}${code} +${meaning}$`, 'm'));
});

test.each(['--version', '-V'])('%s says which one it is', async (option) => {
  const io = testIo();
  expect(await run([option], io)).toBe('done');
  expect(io.output).toEqual([JSON.parse(readFileSync('package.json', 'utf8')).version]);
});

test.each(VERBS)('$name --help names every option', async ({ name, load }) => {
  const { verb } = await load();
  for (const args of [
    [name, '--help'],
    [name, '-h'],
    ['help', name],
  ]) {
    const io = testIo();
    expect(await run(args, io)).toBe('done');
    for (const [option, { help }] of Object.entries(verb.options)) {
      expect(io.output.join('\n')).toContain(`--${option}`);
      expect(io.output.join('\n')).toContain(help);
    }
  }
});

test.each(VERBS)('$name --help has examples that its options allow', async ({ name, load }) => {
  const { examples, options, positionals } = (await load()).verb;
  const io = testIo();
  await run([name, '--help'], io);
  expect(examples.length).toBeGreaterThan(0);
  for (const line of examples) {
    expect(io.output.join('\n')).toContain(`\n  sallyport ${line}`);
    const [words = ''] = line.split(' >');
    const [word, ...args] = words
      .match(/'[^']*'|"[^"]*"|\S+/g)!
      .map((each) => each.replace(/^['"]|['"]$/g, ''));
    expect(word).toBe(name);
    const parsed = parseArgs({ args, options, allowPositionals: true, strict: true });
    expect(parsed.positionals.length).toBeLessThanOrEqual(positionals.length);
  }
});

test('exit codes are different', () => {
  const codes = Object.values(EXIT).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codeOf('done')).toBe(0);
});

test.each([
  [['chek'], 'there is no command "chek"; did you mean check?'],
  [['frobnicate'], `there is no command "frobnicate"; there are ${VERBS.map(({ name }) => name).join(', ')}`],
  [['help', 'srve'], 'there is no command "srve"; did you mean serve?'],
  [['explain', '--orign', 'x'], 'explain has no option --orign; did you mean --origin?'],
  [['check', 'a', 'b'], 'check takes no "b"'],
  [['schema', 'a'], 'schema takes no "a"'],
  [['explain'], 'explain needs a URL like wss://host/path'],
  [['hash'], 'hash needs a NAME'],
  [['hash', 'cp1', '--cost', '9'], '--cost is from 10 to 18'],
  [['hash', 'cp1', '--cost', '10'], 'there is no secret on standard input'],
])('%j is not understood', async (args, message) => {
  const io = testIo();
  expect(await run(args, io)).toBe('usage');
  expect(io.errors).toEqual([`sallyport: ${message}`]);
  expect(io.output).toEqual([]);
});

test('no command at all is not understood, and says what there is', async () => {
  const io = testIo();
  expect(await run([], io)).toBe('usage');
  expect(io.output.join('\n')).toContain('Commands');
});

test('schema is the JSON Schema, for machines', async () => {
  const io = testIo();
  expect(await run(['schema'], io)).toBe('done');
  expect(JSON.parse(io.output.join('\n'))).toEqual(configJsonSchema());
});

test('hash makes a line that the secret opens', async () => {
  const io = testIo({ input: 'pass:word\nnot this\n' });
  expect(await run(['hash', 'CP1', '--cost', '10'], io)).toBe('done');
  const [name, hash] = io.output[0]!.split(/:(.*)/s);
  expect(name).toBe('CP1');
  expect(await matches('pass:word', parseHash(hash!)!)).toBe(true);
  expect(await matches('password', parseHash(hash!)!)).toBe(false);
});

test('hash takes no name that would make two fields of one', async () => {
  const io = testIo({ input: 'secret' });
  expect(await run(['hash', 'a:b', '--cost', '10'], io)).toBe('usage');
  expect(io.output).toEqual([]);
});

const BROKEN = 'listeners: {}\nidentities: {}\nrotes: []\n';

test('check lists every problem with its place, and exits with 1', async () => {
  const file = path.join(folder, 'broken.yaml');
  writeFileSync(file, BROKEN);
  const io = testIo();
  const exit = await run(['check', file], io);
  expect(codeOf(exit)).toBe(1);
  expect(io.errors).toEqual([
    expect.stringMatching(/broken\.yaml:1:1 routes: "routes" is missing; expected a list/),
    expect.stringMatching(/broken\.yaml:1:12 listeners: must not be empty/),
    expect.stringMatching(/broken\.yaml:3:1 rotes: unknown key "rotes"; did you mean "routes"\?/),
    '3 problems',
  ]);
});

test('check --json is the same, for programs', async () => {
  const file = path.join(folder, 'broken.yaml');
  writeFileSync(file, BROKEN);
  const io = testIo();
  expect(await run(['check', '--json', file], io)).toBe('problems');
  expect(io.errors).toEqual([]);
  expect(JSON.parse(io.output.join('\n')).problems.at(-1)).toEqual({
    ...{ file, line: 3, column: 1, path: 'rotes', message: 'unknown key "rotes"', nearest: 'routes' },
    expected: expect.stringContaining('routes'),
  });
});

test.each(['check', 'serve'])('%s of a file that is not there is one line', async (verb) => {
  const io = testIo();
  expect(await run([verb, path.join(folder, 'nothing.yaml')], io)).toBe('problems');
  expect(io.errors[0]).toBe(`${folder}/nothing.yaml:1:1: there is no such file`);
});

test('styles are for those who can see them', async () => {
  const plain = testIo();
  await run(['--help'], plain);
  expect(plain.output.join('\n')).not.toContain('</>');
  const styled = testIo({ styled: true });
  await run(['--help'], styled);
  expect(styled.output.join('\n')).toContain('<bold>Commands</>');
});
