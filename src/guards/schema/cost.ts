import { type Bundle, DEFINITIONS_KEYWORD } from './bundle.ts';
import { type Draft, KEYWORDS } from './keywords.ts';
import { eachSubschema, isSchemaObject, type JsonSchema, mapKeyword, type SchemaObject } from './walk.ts';

/** The keyword of our own that spends from the meter (`meter.ts`). No document can write it: it is in no table. */
export const COST_KEYWORD = 'sallyport-cost';

/** Alternatives that one value may be held against before it pays. */
const FREE_ALTERNATIVES = 16;
/** Values of an `enum` that are compared in the time of one alternative. */
const VALUES_PER_ALTERNATIVE = 32;

/**
 * Makes what can be dear pay as it runs: definitions that lead to others, because these may recurse or double at each
 * level, and schemas with many alternatives. What is left costs a bounded number of steps for each value.
 *
 * Throws a SchemaFault if a definition comes back to itself for the same value: it would never end.
 */
export function meterBundle(bundle: Bundle): Bundle {
  const loop = findLoop(bundle);
  if (loop) {
    const place = [DEFINITIONS_KEYWORD[bundle.draft], loop];
    throw bundle.faultAt(place, 'a $ref comes back here without going into the message: it would never end');
  }
  const definitions = new Map<string, JsonSchema>();
  for (const [name, schema] of bundle.definitions) {
    definitions.set(name, metered(schema, bundle.draft, leadsOn(schema, bundle.draft)));
  }
  return { ...bundle, root: metered(bundle.root, bundle.draft, false), definitions };
}

function metered(schema: JsonSchema, draft: Draft, always: boolean): JsonSchema {
  if (!isSchemaObject(schema)) return schema;
  const entries = Object.entries(schema).map(([keyword, value]) => {
    const row = KEYWORDS[draft][keyword];
    if (!row) return [keyword, value];
    return [
      keyword,
      mapKeyword(row.holds, value, [], row.inPlace, (part) => metered(part as JsonSchema, draft, false)),
    ];
  });
  const alternatives = countAlternatives(schema);
  if (always || alternatives > FREE_ALTERNATIVES) entries.push([COST_KEYWORD, 1 + alternatives]);
  return Object.fromEntries(entries);
}

function countAlternatives(schema: SchemaObject): number {
  const { allOf, anyOf, oneOf, patternProperties } = schema;
  const patterns = isSchemaObject(patternProperties) ? Object.keys(patternProperties).length : 0;
  const values = Math.floor(lengthOf(schema.enum) / VALUES_PER_ALTERNATIVE);
  return lengthOf(allOf) + lengthOf(anyOf) + lengthOf(oneOf) + patterns + values;
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}

function leadsOn(schema: JsonSchema, draft: Draft): boolean {
  if (!isSchemaObject(schema)) return false;
  if ('$ref' in schema) return true;
  let found = false;
  eachSubschema(schema, draft, (part) => {
    found ||= leadsOn(part, draft);
  });
  return found;
}

/** The name of a definition that is reached from itself through in-place keywords alone. */
function findLoop(bundle: Bundle): string | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): string | undefined => {
    if (path.includes(name)) return name;
    if (done.has(name)) return undefined;
    path.push(name);
    for (const next of referredInPlace(bundle.definitions.get(name) ?? true, bundle.draft)) {
      const loop = visit(next);
      if (loop) return loop;
    }
    path.pop();
    done.add(name);
    return undefined;
  };
  for (const name of bundle.definitions.keys()) {
    const loop = visit(name);
    if (loop) return loop;
  }
  return undefined;
}

function referredInPlace(schema: JsonSchema, draft: Draft): string[] {
  if (!isSchemaObject(schema)) return [];
  const names: string[] = [];
  if (typeof schema.$ref === 'string')
    names.push(schema.$ref.slice(`#/${DEFINITIONS_KEYWORD[draft]}/`.length));
  eachSubschema(schema, draft, (part, inPlace) => {
    if (inPlace) names.push(...referredInPlace(part, draft));
  });
  return names;
}
