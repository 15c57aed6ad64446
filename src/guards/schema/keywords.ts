/** What stands under a keyword. */
export type Holds =
  | 'schema'
  | 'list'
  | 'map'
  /** A schema, or a list of them (`items` before 2020-12). */
  | 'schema-or-list'
  /** Names to schemas or to lists of names (`dependencies`). */
  | 'map-of-either'
  /** A plain value that is checked with. */
  | 'value'
  /** Nothing that is checked with: left out of what is compiled. */
  | 'note';

export interface KeywordRow {
  readonly holds: Holds;
  /** Whether its schemas judge the same value as the schema they stand in, not a part of it. */
  readonly inPlace: boolean;
}

export type Draft = 'draft-07' | '2020-12';

/** `$schema` values, without an empty fragment. */
export const DRAFT_URIS: Readonly<Record<string, Draft>> = {
  'http://json-schema.org/draft-07/schema': 'draft-07',
  'https://json-schema.org/draft-07/schema': 'draft-07',
  'https://json-schema.org/draft/2020-12/schema': '2020-12',
};

const parts = (holds: Holds): KeywordRow => ({ holds, inPlace: false });
const here = (holds: Holds): KeywordRow => ({ holds, inPlace: true });
const VALUE = parts('value');
const NOTE = parts('note');

const COMMON: Readonly<Record<string, KeywordRow>> = {
  type: VALUE,
  enum: VALUE,
  const: VALUE,
  format: VALUE,
  multipleOf: VALUE,
  maximum: VALUE,
  exclusiveMaximum: VALUE,
  minimum: VALUE,
  exclusiveMinimum: VALUE,
  maxLength: VALUE,
  minLength: VALUE,
  pattern: VALUE,
  maxItems: VALUE,
  minItems: VALUE,
  uniqueItems: VALUE,
  maxProperties: VALUE,
  minProperties: VALUE,
  required: VALUE,
  contains: parts('schema'),
  properties: parts('map'),
  patternProperties: parts('map'),
  additionalProperties: parts('schema'),
  propertyNames: parts('schema'),
  allOf: here('list'),
  anyOf: here('list'),
  oneOf: here('list'),
  not: here('schema'),
  if: here('schema'),
  // biome-ignore lint/suspicious/noThenProperty: it is a keyword of JSON Schema
  then: here('schema'),
  else: here('schema'),
  $id: NOTE,
  $schema: NOTE,
  $comment: NOTE,
  $defs: NOTE,
  definitions: NOTE,
  title: NOTE,
  description: NOTE,
  default: NOTE,
  examples: NOTE,
  readOnly: NOTE,
  writeOnly: NOTE,
  deprecated: NOTE,
  contentMediaType: NOTE,
  contentEncoding: NOTE,
  // AsyncAPI's, and those that OCPP's generator leaves
  discriminator: NOTE,
  externalDocs: NOTE,
  example: NOTE,
  javaType: NOTE,
  comment: NOTE,
};

/** Every keyword that is understood, by draft. Others are errors, so that a misspelt one cannot silently check nothing. */
export const KEYWORDS: Readonly<Record<Draft, Readonly<Record<string, KeywordRow>>>> = {
  'draft-07': {
    ...COMMON,
    items: parts('schema-or-list'),
    additionalItems: parts('schema'),
    dependencies: here('map-of-either'),
  },
  '2020-12': {
    ...COMMON,
    items: parts('schema'),
    prefixItems: parts('list'),
    unevaluatedItems: parts('schema'),
    unevaluatedProperties: parts('schema'),
    minContains: VALUE,
    maxContains: VALUE,
    dependentRequired: VALUE,
    dependentSchemas: here('map'),
    $anchor: NOTE,
    $vocabulary: NOTE,
    contentSchema: NOTE,
  },
};

/** Keywords that would make a schema mean something else than it says where it stands. */
export const REFUSED_KEYWORDS: Readonly<Record<string, string>> = {
  $dynamicRef: 'dynamic references are not followed; use $ref',
  $dynamicAnchor: 'dynamic references are not followed; use $anchor or a JSON pointer',
  $recursiveRef: 'dynamic references are not followed; use $ref',
  $recursiveAnchor: 'dynamic references are not followed; use $ref',
  $async: 'schemas are checked synchronously',
};
