import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type Refused, refuse, type Violation } from '../../pipeline/verdict.ts';
import { type Bundle, DEFINITIONS_KEYWORD } from './bundle.ts';
import { COST_KEYWORD, meterBundle } from './cost.ts';
import type { SchemaFault } from './fault.ts';
import { FORMATS } from './formats.ts';
import type { Draft } from './keywords.ts';
import { LENGTH_KEYWORDS } from './lengths.ts';
import { refill, spend, TooCostly } from './meter.ts';
import { compilePattern } from './patterns.ts';
import { pointerNames } from './references.ts';
import { allUnique } from './unique-items.ts';
import { isSchemaObject } from './walk.ts';

/** Judges the content of a message: undefined if it satisfies its schema. Never throws. */
export type Validator = (content: unknown) => Refused | undefined;

const OPTIONS: Options = {
  strict: true,
  strictRequired: false,
  strictTuples: false,
  allowUnionTypes: true,
  // its check would run the pattern on the engine of the runtime
  allowMatchingProperties: true,
  // data is judged as it was sent: nothing coerced, filled in or removed
  $data: false,
  coerceTypes: false,
  useDefaults: false,
  removeAdditional: false,
  allErrors: false,
  logger: false,
  // done by `metaOf`
  meta: false,
  validateSchema: false,
  // 0.1 is no binary fraction: without this, 0.3 is no multiple of it
  multipleOfPrecision: 9,
  formats: FORMATS,
  code: { regExp: Object.assign(compilePattern, { code: 'compilePattern' }), optimize: true },
};

/** What every object inherits. */
const INHERITED = Object.getOwnPropertyNames(Object.prototype);

/**
 * What a message did not send is not there: `toString` is no property of `{}`. To ask each object what it owns takes
 * time, and is left out where nobody can inherit what is asked for.
 */
function asksForInherited(schema: unknown): boolean {
  const text = JSON.stringify(schema);
  return INHERITED.some((name) => text.includes(name));
}

/** Checks that schemas are schemas. Made once each: compiling a draft's own schema takes tens of milliseconds. */
const META = new Map<Draft, Ajv>();

function metaOf(draft: Draft): Ajv {
  const known = META.get(draft);
  if (known) return known;
  const made = draft === '2020-12' ? new Ajv2020({ logger: false }) : new Ajv({ logger: false });
  META.set(draft, made);
  return made;
}

/**
 * Validators by what they were compiled from. Kept over reloads, so that one that changes no schema compiles none:
 * that may take a second for all of OCPP, while nothing else runs.
 */
export class ValidatorCache {
  #last: ReadonlyMap<string, Validator> = new Map();
  #next = new Map<string, Validator>();

  take({ draft, root, definitions }: Bundle, compile: () => Validator): Validator {
    const key = JSON.stringify([draft, root, [...definitions]]);
    const validator = this.#last.get(key) ?? compile();
    this.#next.set(key, validator);
    return validator;
  }

  /** After a load: what it did not take is forgotten. */
  turn(): void {
    this.#last = this.#next;
    this.#next = new Map();
  }
}

/** Compiles schemas to functions, at load. One for each contract and draft. */
export class Compiler {
  readonly #draft: Draft;
  #ajv: Ajv | undefined;
  /** For schemas that ask for what objects inherit. */
  #careful: Ajv | undefined;

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  /** Throws the SchemaFault that says what is wrong with the schema, and where. */
  compile(bundle: Bundle): Validator {
    const { root, definitions } = meterBundle(bundle);
    const schema = isSchemaObject(root)
      ? { ...root, [DEFINITIONS_KEYWORD[this.#draft]]: Object.fromEntries(definitions) }
      : root;
    const meta = metaOf(this.#draft);
    if (!meta.validateSchema(schema)) throw metaFault(bundle, meta.errors?.[0]);
    try {
      const check = this.#ajvFor(schema).compile(schema);
      return (content) => judge(check, content);
    } catch (error) {
      throw compileFault(bundle, (error as Error).message);
    }
  }

  #ajvFor(schema: unknown): Ajv {
    if (asksForInherited(schema)) {
      this.#careful ??= newAjv(this.#draft, { ...OPTIONS, ownProperties: true });
      return this.#careful;
    }
    this.#ajv ??= newAjv(this.#draft, OPTIONS);
    return this.#ajv;
  }
}

function newAjv(draft: Draft, options: Options): Ajv {
  const ajv = draft === '2020-12' ? new Ajv2020(options) : new Ajv(options);
  ajv.addKeyword({
    keyword: COST_KEYWORD,
    errors: false,
    before: 'not',
    compile: (units: number) => () => {
      spend(units);
      return true;
    },
  });
  for (const definition of LENGTH_KEYWORDS) {
    ajv.removeKeyword(definition.keyword as string);
    ajv.addKeyword(definition);
  }
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    errors: false,
    error: { message: 'must NOT have duplicate items' },
    compile: (wanted: boolean) => (items: readonly unknown[]) => !wanted || allUnique(items),
  });
  return ajv;
}

/** The schema is no schema: ajv tells where in the bundle. */
function metaFault(bundle: Bundle, error: ErrorObject | undefined): SchemaFault {
  const place = pointerNames(error?.instancePath ?? '');
  return bundle.faultAt(place, `${place.at(-1) ?? 'the schema'} ${error?.message ?? 'is invalid'}`);
}

/** The schema is one that is not compiled (a misused keyword, an unknown format): the message quotes the place. */
function compileFault(bundle: Bundle, message: string): SchemaFault {
  const pointer = /"#(\/[^"]*)?"/.exec(message)?.[1] ?? '';
  const place = pointerNames(decodeURIComponent(pointer));
  return bundle.faultAt(place, message.replace(/^strict mode: /, '').replace(/ at (?:path )?"#[^"]*"/, ''));
}

function judge(check: ValidateFunction, content: unknown): Refused | undefined {
  refill();
  try {
    return check(content) ? undefined : invalid(check.errors);
  } catch (error) {
    if (error instanceof TooCostly) return TOO_COSTLY;
    if (error instanceof RangeError) return TOO_DEEP;
    throw error;
  }
}

const TOO_COSTLY = Object.freeze(refuse('schema_invalid', 'too costly to check'));
/** The stack ran out inside a recursive schema; the guard `json` bounds depth long before. */
const TOO_DEEP = Object.freeze(refuse('schema_invalid', 'nests too deep to check'));

const VIOLATIONS: Readonly<Record<string, Violation>> = {
  required: 'occurrence',
  dependentRequired: 'occurrence',
  dependencies: 'occurrence',
  minItems: 'occurrence',
  minProperties: 'occurrence',
  maxItems: 'occurrence',
  maxProperties: 'occurrence',
  additionalProperties: 'extra',
  additionalItems: 'extra',
  unevaluatedProperties: 'extra',
  unevaluatedItems: 'extra',
  type: 'type',
};

/** Characters of the place in the message that are told: names in it may be the sender's. */
const MAX_PLACE = 100;

/** Names the place and the rule, never the value. Of alternatives it names the choice, not each that failed. */
function invalid(errors: readonly ErrorObject[] | null | undefined): Refused {
  const error = errors?.at(-1)?.keyword === 'if' ? errors[0] : errors?.at(-1);
  if (!error) return refuse('schema_invalid', 'does not satisfy its schema');
  const place = error.instancePath.slice(0, MAX_PLACE).replace(/[^\w./~$@-]/g, '?');
  const reason = `${place || '/'} ${error.message ?? 'is invalid'}`;
  return { ...refuse('schema_invalid', reason), violation: VIOLATIONS[error.keyword] ?? 'value' };
}
