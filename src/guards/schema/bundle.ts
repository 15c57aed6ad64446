import type { Documents, SchemaDocument, Segments } from './documents.ts';
import type { SchemaFault } from './fault.ts';
import { DRAFT_URIS, type Draft, KEYWORDS, REFUSED_KEYWORDS } from './keywords.ts';
import { compilePattern } from './patterns.ts';
import { followReference } from './references.ts';
import { isSchemaObject, type JsonSchema, mapKeyword, type SchemaObject } from './walk.ts';

/** One schema with everything it refers to, free of files: `$ref`s lead to `definitions` by name alone. */
export interface Bundle {
  readonly draft: Draft;
  readonly root: JsonSchema;
  readonly definitions: ReadonlyMap<string, JsonSchema>;
  /** The fault at a place of the bundle, as one at the place of the document that it was copied from. */
  faultAt(place: Segments, message: string): SchemaFault;
}

/** Nesting of a schema beyond this is taken for a mistake (or an attack on the loader's stack). */
const MAX_NESTING = 200;
const MAX_DEFINITIONS = 5_000;

/** Where definitions stand in a bundle, by draft. */
export const DEFINITIONS_KEYWORD: Readonly<Record<Draft, string>> = {
  'draft-07': 'definitions',
  '2020-12': '$defs',
};

/**
 * Collects the schema at a place of a document. Annotations are left out; unknown keywords, remote references and
 * references out of the folder are faults.
 */
export function bundle(documents: Documents, document: SchemaDocument, at: Segments, draft: Draft): Bundle {
  const bundler = new Bundler(documents, draft);
  const root = bundler.copy(document, at, document.at(at));
  if (bundler.contains && bundler.unevaluatedItems) {
    const { document: where, at: place } = bundler.unevaluatedItems;
    throw where.fault(place, 'unevaluatedItems is not supported in a schema that uses contains');
  }
  return {
    draft,
    root,
    definitions: bundler.definitions,
    faultAt(place, message) {
      const origin = place[0] === DEFINITIONS_KEYWORD[draft] ? bundler.origins.get(`${place[1]}`) : undefined;
      return origin
        ? origin.document.fault([...origin.at, ...place.slice(2)], message)
        : document.fault([...at, ...place], message);
    },
  };
}

/** A place in a document. */
interface Part {
  readonly document: SchemaDocument;
  readonly at: Segments;
}

class Bundler {
  readonly definitions = new Map<string, JsonSchema>();
  /** Where each definition was copied from. */
  readonly origins = new Map<string, Part>();
  /** Whether `contains` is used, and where `unevaluatedItems` is: ajv takes all items for evaluated after `contains`. */
  contains = false;
  unevaluatedItems: Part | undefined;
  readonly #documents: Documents;
  readonly #draft: Draft;
  /** Names of definitions by file and place. */
  readonly #names = new Map<string, string>();

  constructor(documents: Documents, draft: Draft) {
    this.#documents = documents;
    this.#draft = draft;
  }

  copy(document: SchemaDocument, at: Segments, value: unknown): JsonSchema {
    if (typeof value === 'boolean') return value;
    if (!isSchemaObject(value)) throw document.fault(at, 'a schema is an object, true or false');
    if (at.length > MAX_NESTING) throw document.fault(at, `a schema may nest ${MAX_NESTING} deep`);
    const entries = Object.entries(value).map(([keyword, held]) =>
      this.#keyword(document, at, keyword, held),
    );
    const copied: SchemaObject = Object.fromEntries(entries.filter((entry) => entry !== undefined));
    if ('$ref' in copied && this.#draft === 'draft-07' && Object.keys(copied).length > 1) {
      throw document.fault(
        [...at, '$ref'],
        'draft-07 ignores what stands beside a $ref; put both under allOf',
      );
    }
    return normal(copied);
  }

  #keyword(
    document: SchemaDocument,
    at: Segments,
    keyword: string,
    held: unknown,
  ): [string, unknown] | undefined {
    const here = [...at, keyword];
    if (keyword === '$ref') return ['$ref', this.#follow(document, here, held)];
    const refused = Object.hasOwn(REFUSED_KEYWORDS, keyword) ? REFUSED_KEYWORDS[keyword] : undefined;
    if (refused) throw document.fault(here, `${keyword}: ${refused}`);
    if (keyword.startsWith('x-')) return undefined;
    const row = Object.hasOwn(KEYWORDS[this.#draft], keyword) ? KEYWORDS[this.#draft][keyword] : undefined;
    if (!row) throw document.fault(here, `${keyword} is no keyword of JSON Schema ${this.#draft}`);
    if (row.holds === 'note') return undefined;
    checkPatterns(document, here, keyword, held);
    if (keyword === 'contains') this.contains = true;
    if (keyword === 'unevaluatedItems') this.unevaluatedItems = { document, at: here };
    const copied = mapKeyword(row.holds, held, here, row.inPlace, (part, place) =>
      this.copy(document, place, part),
    );
    return [keyword, copied];
  }

  /** The reference inside the bundle that stands for a `$ref` as written. */
  #follow(document: SchemaDocument, at: Segments, reference: unknown): string {
    if (typeof reference !== 'string') throw document.fault(at, '$ref is a string');
    const [target, place] = this.#resolve(document, at, reference);
    const key = `${target.file}#${JSON.stringify(place)}`;
    let name = this.#names.get(key);
    if (name === undefined) {
      name = `d${this.#names.size}`;
      if (this.#names.size >= MAX_DEFINITIONS) throw document.fault(at, 'too many references');
      this.#names.set(key, name);
      this.origins.set(name, { document: target, at: place });
      this.definitions.set(name, this.copy(target, place, target.at(place)));
    }
    return `#/${DEFINITIONS_KEYWORD[this.#draft]}/${name}`;
  }

  #resolve(document: SchemaDocument, at: Segments, reference: string): [SchemaDocument, Segments] {
    const [target, place] = followReference(this.#documents, document, at, reference);
    const declared = draftOf(target.value);
    if (target !== document && declared !== undefined && declared !== this.#draft) {
      throw document.fault(at, `$ref ${reference} leads from ${this.#draft} to ${declared}`);
    }
    return [target, place];
  }
}

/** The same schema in a form that ajv reads as it is meant. */
function normal(schema: SchemaObject): SchemaObject {
  if (isSchemaObject(schema.dependentSchemas)) return conditional(schema, schema.dependentSchemas);
  if (!('additionalItems' in schema) || Array.isArray(schema.items)) return schema;
  // it has no meaning beside one schema for all items (draft-07 §6.4.2), and OCPP's own schemas have it there
  const { additionalItems: _, ...rest } = schema;
  return rest;
}

/** `dependentSchemas` as conditions, which mean the same: beside it ajv forgets what was evaluated (ajv#2483). */
function conditional({ dependentSchemas: _, ...rest }: SchemaObject, dependent: SchemaObject): SchemaObject {
  const conditions = Object.entries(dependent).map(([name, then]) => ({
    if: { type: 'object', required: [name] },
    then,
  }));
  return { ...rest, allOf: [...(Array.isArray(rest.allOf) ? rest.allOf : []), ...conditions] };
}

/** Patterns are compiled here too, where their place is known. */
function checkPatterns(document: SchemaDocument, at: Segments, keyword: string, held: unknown): void {
  const patterns =
    keyword === 'pattern' ? [held] : keyword === 'patternProperties' ? Object.keys(held ?? {}) : [];
  for (const pattern of patterns) {
    try {
      if (typeof pattern === 'string') compilePattern(pattern);
    } catch (error) {
      throw document.fault(at, `pattern ${pattern}: ${(error as Error).message}`);
    }
  }
}

/** The draft that a document declares; undefined if it declares none. Throws nothing: unknown ones are undefined. */
export function draftOf(value: unknown): Draft | undefined {
  const uri = isSchemaObject(value) ? value.$schema : undefined;
  return typeof uri === 'string' ? DRAFT_URIS[uri.replace(/#$/, '')] : undefined;
}
