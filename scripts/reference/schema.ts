import { z } from 'zod';
import type { JsonSchema } from '../../src/config/json-schema.ts';
import { byteRate, duration, percent, rate, size } from '../../src/pipeline/units.ts';
import { code } from './markdown.ts';

/** One key, wherever it stands. */
export interface SchemaRow {
  /** From the top, with `<name>` for a key that is chosen freely and `[]` for an entry of a list. */
  readonly path: string;
  readonly form: string;
  readonly fallback: string;
  readonly meaning: string;
}

/** What may be written: values before defaults and units are applied. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}

/** Every key of a mapping and of all mappings in it, depth first. */
export function rowsOf(schema: JsonSchema, path = ''): SchemaRow[] {
  const below = alternatives(schema).flatMap((form) => childrenOf(form, path));
  return unique(below);
}

function childrenOf(schema: JsonSchema, path: string): SchemaRow[] {
  const rows = Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return [rowOf(at, child, schema.required?.includes(key) ?? false), ...rowsOf(child, at)];
  });
  if (typeof schema.additionalProperties === 'object') {
    rows.push(...rowsOf(schema.additionalProperties, `${path}.<name>`));
  }
  if (schema.items) rows.push(...rowsOf(schema.items, `${path}[]`));
  return rows;
}

function rowOf(path: string, schema: JsonSchema, required: boolean): SchemaRow {
  const form = formOf(schema);
  const fallback = required ? 'must be given' : fallbackOf(schema.default);
  // That a mapping may be left out says nothing: what its keys are then stands with them.
  return { path, form, fallback: fallback === '`{}`' ? '' : fallback, meaning: schema.description ?? '' };
}

function fallbackOf(value: unknown): string {
  if (value === undefined) return '';
  return code(typeof value === 'string' && value !== '' ? value : JSON.stringify(value));
}

/** The first row of each path, for keys that several alternatives share. */
function unique(rows: readonly SchemaRow[]): SchemaRow[] {
  return [...new Map([...rows].reverse().map((row) => [row.path, row])).values()].reverse();
}

function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  const more = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return more.length > 0 ? [schema, ...more.flatMap(alternatives)] : [schema];
}

/** Texts with a unit, known by their patterns. */
const UNITS = new Map([
  [schemaOf(duration).pattern, 'duration'],
  [schemaOf(size).pattern, 'size'],
  [schemaOf(rate).pattern, 'rate'],
  [schemaOf(byteRate).pattern, 'rate of bytes'],
  [schemaOf(percent).pattern, 'percentage'],
]);

function formOf(schema: JsonSchema): string {
  const forms = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (forms.length > 0) return [...new Set(forms.map(formOf))].join(', or ');
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(String(value))).join(', ');
  if (schema.items) return `list of ${formOf(schema.items)}`;
  switch (schema.type) {
    case 'string':
      return (schema.pattern !== undefined && UNITS.get(schema.pattern)) || 'text';
    case 'integer':
    case 'number':
      return rangeOf(schema);
    case 'boolean':
      return 'true or false';
    case 'object':
      return 'mapping';
    default:
      return 'any value';
  }
}

function rangeOf({ minimum, maximum }: JsonSchema): string {
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (minimum !== undefined && most !== undefined) return `number from ${minimum} to ${most}`;
  return minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? 'number' : `number from ${minimum}`;
}
