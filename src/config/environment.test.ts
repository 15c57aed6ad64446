// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the syntax under test
import { expect, test } from 'vitest';
import { substitute } from './environment.ts';

const ENVIRONMENT = { NAME: 'value', EMPTY: '', NESTED: '${NAME}', DOLLAR: '$&$1' };

test.each([
  ['plain', 'plain', false],
  ['${NAME}', 'value', true],
  ['a ${NAME} and ${NAME}', 'a value and value', true],
  ['${EMPTY}', '', true],
  ['$${NAME}', '${NAME}', false],
  ['$NAME and $', '$NAME and $', false],
  ['${NESTED}', '${NAME}', true],
  ['${DOLLAR}', '$&$1', true],
])('%s becomes %s', (text, expected, changed) => {
  expect(substitute(text, ENVIRONMENT)).toEqual({ text: expected, changed, faults: [] });
});

test('a variable that is not set is a fault that names it', () => {
  expect(substitute('${A}${NAME}${B}', ENVIRONMENT).faults).toEqual([
    'the environment variable A is not set',
    'the environment variable B is not set',
  ]);
});

test.each(['${', '${NAME', '${}', '${a b}', '${NAME:-default}', '${1}', '${__proto__.x}'])(
  '%s is no reference',
  (text) => {
    expect(substitute(text, ENVIRONMENT).faults).toHaveLength(1);
  },
);

test.each(['toString', '__proto__', 'constructor'])('%s is not found in what every object has', (name) => {
  expect(substitute(`\${${name}}`, { ...ENVIRONMENT }).faults).toEqual([
    `the environment variable ${name} is not set`,
  ]);
});
