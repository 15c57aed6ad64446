import { expect, test } from 'vitest';
import { readDocument } from './document.ts';

const read = (text: string) => readDocument('f.yaml', text, { TOKEN: 'a: [b', COUNT: '7' });

test('values and their places', () => {
  const { value, places, problems } = read('a:\n  b: [1, two]\n"c d": ~\n');
  expect(problems).toEqual([]);
  expect(value).toEqual({ a: { b: [1, 'two'] }, 'c d': null });
  expect(places.ofValue(['a', 'b', 1])).toEqual({ line: 2, column: 10 });
  expect(places.ofKey(['a', 'b'])).toEqual({ line: 2, column: 3 });
  expect(places.ofKey(['a', 'missing', 'below'])).toEqual({ line: 1, column: 1 });
  expect(places.ofValue(['c d'])).toEqual({ line: 3, column: 8 });
});

test('what came from the environment is text, never YAML', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of the configuration
  const { value, problems, fromEnvironment } = read('a: ${TOKEN}\nb: "${COUNT}"\n');
  expect(problems).toEqual([]);
  expect(value).toEqual({ a: 'a: [b', b: '7' });
  expect([...fromEnvironment]).toEqual(['a', 'b']);
});

test('anchors are followed', () => {
  const { value, places } = read('a: &x { k: 1 }\nb: *x\n');
  expect(value).toEqual({ a: { k: 1 }, b: { k: 1 } });
  expect(places.ofKey(['b'])).toEqual({ line: 2, column: 1 });
});

test('a billion laughs are not laughed', () => {
  const laughs = Array.from({ length: 12 }, (_, i) => {
    const before = i === 0 ? '1' : `*l${i - 1}`;
    return `l${i}: &l${i} [${Array(10).fill(before).join(', ')}]`;
  });
  const { problems } = read(`${laughs.join('\n')}\n`);
  expect(problems.map((problem) => problem.message)).toEqual(['more than 50000 values']);
});

test('an anchor inside of itself ends', () => {
  const { problems } = read('a: &a [*a]\n');
  expect(problems.map((problem) => problem.message)).toEqual(['nested more than 32 deep']);
});

test.each([
  ['[', 100_000],
  ['{a: ', 50_000],
  ['- ', 100_000],
])('%j many times is a problem, not a crash', (text, times) => {
  expect(read(text.repeat(times)).problems.length).toBeGreaterThan(0);
});

test('a mapping of many keys is read in linear time', () => {
  const text = Array.from({ length: 40_000 }, (_, i) => `k${i}: 1`).join('\n');
  const { value, problems } = read(text);
  expect(problems).toEqual([]);
  expect(Object.keys(value as object)).toHaveLength(40_000);
});

test.each([
  ['a: !!str 1', 'YAML tags have no meaning here'],
  ['a: !foo {}', 'YAML tags have no meaning here'],
  ['a: 1\na: 2', 'the key "a" stands here twice'],
  ['__proto__: {}', 'unknown key "__proto__"'],
  ['[1, 2]: 3', 'a key is plain text'],
  ['%YAML 1.1\n---\na: yes', 'a %YAML directive has no meaning here'],
  ['a: 1\n---\nb: 1', 'a second document begins here'],
  ['', 'the file is empty'],
])('%j is a problem', (text, message) => {
  expect(read(text).problems.map((problem) => problem.message)).toContain(message);
});
