import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { DIALECT_KINDS } from '../dialects/kinds.ts';
import { GUARD_KINDS } from '../guards/kinds.ts';
import { IDENTITY_KINDS } from '../identity/kinds.ts';
import type { Fragment } from '../pipeline/guard.ts';
import { isLeaf } from './assemble.ts';
import { type JsonSchema, keysAt } from './json-schema.ts';
import { CORE } from './route.ts';
import { configJsonSchema } from './schema.ts';

/** Every option that has no description. The items of a list or a mapping of names are described by the whole. */
function silentOptions(schema: JsonSchema, path: string, described: boolean): string[] {
  const said = described || schema.description?.trim() !== undefined;
  const parts = [
    ...Object.entries(schema.properties ?? {}).map(([key, each]) =>
      silentOptions(each, `${path}.${key}`, false),
    ),
    ...[schema.additionalProperties, schema.items, ...(schema.anyOf ?? []), ...(schema.allOf ?? [])]
      .filter((each) => typeof each === 'object')
      .map((each) => silentOptions(each, `${path}[]`, said)),
  ];
  const hasOptions = schema.type !== 'object' || schema.properties === undefined;
  return parts.length === 0 && !said && hasOptions ? [path] : parts.flat();
}

test('every option says what it does', () => {
  expect(silentOptions(configJsonSchema(), '', false)).toEqual([]);
});

/** The keys of a route that a fragment names. */
function keysOf(fragment: Fragment, path: readonly string[] = []): string[][] {
  return Object.entries(fragment).flatMap(([key, part]) =>
    isLeaf(part) ? [[...path, key]] : keysOf(part, [...path, key]),
  );
}

test.each([...GUARD_KINDS.map(({ name, options }) => [name, options] as const), ['the core', CORE] as const])(
  'the JSON Schema of a route has the options of %s',
  (_name, fragment) => {
    for (const path of keysOf(fragment))
      expect(keysAt(configJsonSchema(), ['routes', 0, ...path.slice(0, -1)])).toContain(path.at(-1));
  },
);

test('the JSON Schema has every kind of identity and dialect', () => {
  const names = (kinds: readonly { name: string }[]) => kinds.map(({ name }) => name);
  expect(keysAt(configJsonSchema(), ['identities', 'any'])).toEqual(names(IDENTITY_KINDS));
  expect(keysAt(configJsonSchema(), ['routes', 0, 'dialect'])).toEqual(names(DIALECT_KINDS));
});

const MINIMAL = `
listeners:
  public: { address: 0.0.0.0:8443, tls: { certificates: [{ cert: cert.pem, key: key.pem }] } }
identities:
  visitors: { anonymous: {} }
routes:
  - name: everything
    match: { path: "/*" }
    origins: none-required
    identify: [visitors]
    upstream: { url: ws://127.0.0.1:9000 }
`;

test('an editor with the JSON Schema takes what the gateway takes, and no unknown key', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const validate = ajv.compile(configJsonSchema());
  expect(validate(parse(MINIMAL)), ajv.errorsText(validate.errors)).toBe(true);
  expect(validate(parse(MINIMAL.replace('origins', 'orgins')))).toBe(false);
  expect(validate(parse(MINIMAL.replace('{ anonymous: {} }', '{}')))).toBe(false);
});
