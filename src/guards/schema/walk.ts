import type { Segments } from './documents.ts';
import { type Draft, type Holds, KEYWORDS } from './keywords.ts';

/** A JSON Schema: an object, or true (everything) or false (nothing). */
export type JsonSchema = boolean | SchemaObject;
export interface SchemaObject {
  readonly [keyword: string]: unknown;
}

export function isSchemaObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Is given each value that should be a schema, and where it stands; what it returns takes its place. */
export type Replace = (value: unknown, at: Segments, inPlace: boolean) => unknown;

/** A copy of what stands under a keyword, its direct subschemas replaced. */
export function mapKeyword(
  holds: Holds,
  value: unknown,
  at: Segments,
  inPlace: boolean,
  replace: Replace,
): unknown {
  const one = (part: unknown, name?: string | number) =>
    replace(part, name === undefined ? at : [...at, name], inPlace);
  switch (holds) {
    case 'schema':
      return one(value);
    case 'list':
      return Array.isArray(value) ? value.map(one) : value;
    case 'schema-or-list':
      return Array.isArray(value) ? value.map(one) : one(value);
    case 'map':
      return mapMembers(value, one);
    case 'map-of-either':
      return mapMembers(value, (part, name) => (Array.isArray(part) ? part : one(part, name)));
    default:
      return value;
  }
}

/** Visits the direct subschemas of a schema. */
export function eachSubschema(
  schema: JsonSchema,
  draft: Draft,
  visit: (part: JsonSchema, inPlace: boolean) => void,
): void {
  if (!isSchemaObject(schema)) return;
  for (const [keyword, value] of Object.entries(schema)) {
    const row = KEYWORDS[draft][keyword];
    if (row) {
      mapKeyword(row.holds, value, [], row.inPlace, (part, _, inPlace) => {
        visit(part as JsonSchema, inPlace);
        return part;
      });
    }
  }
}

function mapMembers(value: unknown, one: (part: unknown, name: string) => unknown): unknown {
  if (!isSchemaObject(value)) return value;
  // fromEntries defines members, so that one named __proto__ stays a member
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, one(part, name)]));
}
