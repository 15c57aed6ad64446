import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { silentRecorder } from '../record/recorder.ts';
import { createServices } from '../store/services.ts';
import { diagnosed } from './diagnose.ts';
import { examineText } from './load.ts';

// Whatever stands in a configuration file, reading it never throws, and what is wrong with it has a place in it.

const FOLDER = path.join(import.meta.dirname, 'testdata');
const texts = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(path.join(FOLDER, name), 'utf8'));

const SNIPPETS = [
  '\n',
  '  ',
  ': ',
  '- ',
  '{',
  '}',
  '[',
  ']',
  '&a ',
  '*a',
  '!t ',
  '"',
  "'",
  '#',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of the configuration
  '${X}',
  '~',
  '? ',
  '|',
  '>',
];
const KEYS = [
  'routes',
  'listeners',
  '__proto__',
  'constructor',
  'toString',
  'dialect',
  'limits',
  'messages',
  'observe',
];

const snippet = fc.oneof(
  fc.constantFrom(...SNIPPETS),
  fc.constantFrom(...KEYS).map((key) => `\n${key}: `),
  fc.string({ maxLength: 8, unit: 'binary' }),
  fc.integer().map(String),
);

const cut = fc.record({ at: fc.nat(4_000), length: fc.nat(40), put: snippet });

function expectPlaced(text: string): void {
  const examined = examineText(path.join(FOLDER, 'mutated.yaml'), text, {});
  const problems = diagnosed(examined, createServices(silentRecorder));
  const lines = text.split(/\r\n|\r|\n/).length;
  for (const { line, column, message } of problems) {
    expect(message).not.toMatch(/cannot be built|undefined|\[object/);
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines + 1);
    expect(column).toBeGreaterThanOrEqual(1);
  }
  if (!examined.config) expect(problems.length).toBeGreaterThan(0);
}

test('a configuration that was cut and pasted at', () => {
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.array(cut, { minLength: 1, maxLength: 4 }), (text, cuts) => {
      let mutated = text;
      for (const { at, length, put } of cuts) {
        const from = at % (mutated.length + 1);
        mutated = mutated.slice(0, from) + put + mutated.slice(from + length);
      }
      expectPlaced(mutated);
    }),
    { numRuns: 400 },
  );
});

test('a configuration in which a value is another one', () => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(null, 0, '', [], {}, [[]], { a: {} }, -1, 1e99),
  );
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.nat(200), value, (text, at, put) => {
      const spots = [...text.matchAll(/(?<=: )[^\n{}[\],]+/g)];
      const spot = spots[at % Math.max(1, spots.length)];
      if (!spot) return;
      const replaced =
        text.slice(0, spot.index) + JSON.stringify(put) + text.slice(spot.index + spot[0].length);
      expectPlaced(replaced);
    }),
    { numRuns: 400 },
  );
});

test('any text at all', () => {
  fc.assert(fc.property(fc.string({ maxLength: 200, unit: 'binary' }), expectPlaced), { numRuns: 300 });
});
