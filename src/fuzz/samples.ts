import type { Random } from './random.ts';

/** A JSON Schema, as far as samples can be made from it. */
export type Schema = boolean | { readonly [key: string]: unknown };

const DEPTH = 8;

/** Makes a value that a schema allows, as well as its common keywords say; `root` is where its references lead. */
export function sample(random: Random, schema: Schema, root: Schema = schema, depth = 0): unknown {
  if (typeof schema === 'boolean') return random.pick([null, 1, 'x']);
  if (typeof schema.$ref === 'string') return sample(random, resolve(schema.$ref, root), root, depth + 1);
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return random.pick(schema.enum);
  for (const key of ['oneOf', 'anyOf'] as const) {
    const branches = schema[key];
    if (!Array.isArray(branches)) continue;
    const { [key]: _, ...rest } = schema;
    return sample(random, merge(rest, random.pick(branches) as Schema), root, depth + 1);
  }
  if (Array.isArray(schema.allOf)) {
    const { allOf, ...rest } = schema;
    return sample(
      random,
      (allOf as Schema[]).reduce((all, one) => merge(all, one), rest as Schema),
      root,
      depth + 1,
    );
  }
  return make[typeOf(random, schema)]!(random, schema, root, depth);
}

type Maker = (random: Random, schema: Record<string, unknown>, root: Schema, depth: number) => unknown;

const make: Readonly<Record<string, Maker>> = {
  null: () => null,
  boolean: (random) => random.chance(0.5),
  integer: (random, schema) => random.int(...rangeOf(schema)),
  number: (random, schema) => random.int(...rangeOf(schema)),
  string: (random, { minLength = 0, maxLength = 20, format }) => {
    if (typeof format === 'string' && FORMATS[format]) return FORMATS[format];
    return random.word(Math.min(Number(maxLength), Math.max(Number(minLength), random.int(1, 12))));
  },
  array: (random, { items = true, minItems = 0, maxItems = 4 }, root, depth) => {
    const length =
      depth > DEPTH ? Number(minItems) : random.int(Number(minItems), Math.min(8, Number(maxItems)));
    return Array.from({ length }, () => sample(random, items as Schema, root, depth + 1));
  },
  object: (random, { properties = {}, required = [] }, root, depth) => {
    const wanted = Object.entries(properties as Record<string, Schema>).filter(
      ([name]) => (required as string[]).includes(name) || (depth < DEPTH && random.chance(0.6)),
    );
    return Object.fromEntries(wanted.map(([name, each]) => [name, sample(random, each, root, depth + 1)]));
  },
};

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-02T03:04:05Z',
  date: '2026-01-02',
  time: '03:04:05Z',
  email: 'a@example.com',
  uri: 'https://example.com/',
  uuid: '123e4567-e89b-42d3-a456-426614174000',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  hostname: 'example.com',
};

function typeOf(random: Random, { type, properties, items }: Record<string, unknown>): string {
  if (Array.isArray(type)) return random.pick(type as string[]);
  if (typeof type === 'string') return type;
  if (properties !== undefined) return 'object';
  return items === undefined ? random.pick(['string', 'integer', 'object']) : 'array';
}

function rangeOf({ minimum, maximum }: Record<string, unknown>): [number, number] {
  const first =
    typeof minimum === 'number' ? Math.ceil(minimum) : typeof maximum === 'number' ? maximum - 10 : 0;
  return [first, typeof maximum === 'number' ? Math.floor(maximum) : first + 100];
}

function merge(one: Schema, two: Schema): Schema {
  if (typeof one === 'boolean') return two;
  if (typeof two === 'boolean') return one;
  const required = [...((one.required as string[]) ?? []), ...((two.required as string[]) ?? [])];
  const properties = { ...(one.properties as object), ...(two.properties as object) };
  return {
    ...one,
    ...two,
    ...(required.length > 0 && { required }),
    ...(Object.keys(properties).length > 0 && { properties }),
  };
}

/** A reference within the document (RFC 6901). @throws RangeError for any other. */
export function resolve(reference: string, root: Schema): Schema {
  let found: unknown = root;
  if (!reference.startsWith('#')) throw new RangeError(`${reference} leads out of the document`);
  for (const part of reference.slice(2).split('/').filter(Boolean)) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    found = (found as Record<string, unknown> | undefined)?.[name];
  }
  if (typeof found !== 'object' && typeof found !== 'boolean')
    throw new RangeError(`${reference} leads nowhere`);
  return found as Schema;
}
