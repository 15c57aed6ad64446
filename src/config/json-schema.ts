import type { ConfigPath } from './problem.ts';

/** The part of JSON Schema (2020-12) that `z.toJSONSchema` writes and that we read back. */
export interface JsonSchema {
  readonly description?: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

/** The keys that may stand in a mapping at this path; empty where any may. */
export function keysAt(schema: JsonSchema, path: ConfigPath): string[] {
  return [...new Set(schemasAt(schema, path).flatMap((each) => Object.keys(each.properties ?? {})))];
}

/** What the documentation says of the value at this path. */
export function describedAt(schema: JsonSchema, path: ConfigPath): string | undefined {
  return schemasAt(schema, path).find((each) => each.description !== undefined)?.description;
}

/** All forms that a value at this path may have. */
function schemasAt(schema: JsonSchema, path: ConfigPath): JsonSchema[] {
  let found = formsOf(schema);
  for (const step of path) found = found.flatMap((each) => childOf(each, step)).flatMap(formsOf);
  return found;
}

function formsOf(schema: JsonSchema): JsonSchema[] {
  const more = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return [schema, ...more.flatMap(formsOf)];
}

function childOf(schema: JsonSchema, step: string | number): JsonSchema[] {
  if (typeof step === 'number') return schema.items ? [schema.items] : [];
  if (schema.properties && Object.hasOwn(schema.properties, step)) return [schema.properties[step]!];
  return typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
}
