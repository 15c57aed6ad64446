import { posix } from 'node:path';
import { OptionsError, type OptionsProblem, type RouteContext } from '../../pipeline/context.ts';
import type { Direction } from '../../pipeline/message.ts';
import { asyncApiMessages, isAsyncApi } from './asyncapi.ts';
import { type Bundle, bundle, draftOf } from './bundle.ts';
import type { Described } from './described.ts';
import { Documents, type SchemaDocument, type Segments } from './documents.ts';
import { SchemaFault } from './fault.ts';
import type { Draft } from './keywords.ts';
import { Compiler, type Validator, ValidatorCache } from './validator.ts';
import { eachSubschema, isSchemaObject, type JsonSchema } from './walk.ts';

/** What one version of a protocol lets each side say. */
export interface Contract {
  readonly client: Checks;
  readonly server: Checks;
}

export interface Checks {
  readonly types: ReadonlyMap<string, Validator>;
  /** Of a contract that is one schema for every message. */
  readonly every: Validator | undefined;
}

/** A file, a folder, an AsyncAPI document, or a file for each type. */
export type ContractSource = string | Readonly<Record<string, string>>;

const BOTH: readonly Direction[] = ['client', 'server'];
const SCHEMA_FILE = /^[^._].*\.(json|ya?ml)$/;

/** Reads schemas and compiles them. Faults are collected, so that all are told at once. */
export class ContractLoader {
  readonly problems: OptionsProblem[] = [];
  /** Schemas of objects that do not say whether other members may come: where, and of which type. */
  readonly open: { file: string; type: string }[] = [];
  readonly #context: RouteContext;
  readonly #compilers = new Map<Draft, Compiler>();
  readonly #cache: ValidatorCache;

  constructor(context: RouteContext) {
    this.#context = context;
    this.#cache = context.services.shared.get(`schema:${context.route}`, () => new ValidatorCache());
  }

  /** After the last `load`. */
  finish(): void {
    this.#cache.turn();
  }

  /** `path` is where the source stands in the configuration. */
  load(source: ContractSource, path: Segments): Contract {
    const contract = { client: checks(), server: checks() };
    for (const [described, documents] of this.#describe(source, path)) {
      this.#attempt(path, () => this.#add(contract, described, this.#compile(documents, described)));
    }
    return contract;
  }

  #describe(source: ContractSource, path: Segments): [Described, Documents][] {
    const found: [Described, Documents][] = [];
    const collect = (at: Segments, documents: Documents, describe: () => readonly Described[]) =>
      this.#attempt(at, () => {
        for (const described of describe()) found.push([described, documents]);
      });
    if (typeof source !== 'string') {
      for (const [type, file] of Object.entries(source)) {
        const documents = new Documents(this.#context, posix.dirname(file));
        collect([...path, type], documents, () => [describeFile(documents.open(file), type)]);
      }
      return found;
    }
    if (SCHEMA_FILE.test(posix.basename(source))) {
      const documents = new Documents(this.#context, posix.dirname(source));
      collect(path, documents, () => this.#describeDocument(documents, documents.open(source), path));
      return found;
    }
    const documents = new Documents(this.#context, source);
    for (const name of this.#attempt(path, () => this.#listFolder(source)) ?? []) {
      collect(path, documents, () => [
        describeFile(documents.open(posix.join(source, name)), this.#typeOf(name)),
      ]);
    }
    return found;
  }

  #listFolder(folder: string): readonly string[] {
    const names = this.#context.list(folder).filter((name) => SCHEMA_FILE.test(name));
    if (names.length === 0)
      throw new SchemaFault('no schema file (.json, .yaml, .yml) is in this folder', folder);
    return names;
  }

  #describeDocument(documents: Documents, document: SchemaDocument, path: Segments): readonly Described[] {
    if (!isAsyncApi(document.value)) return [describeFile(document, undefined)];
    const attempt = <T>(work: () => T) => this.#attempt(path, work);
    return asyncApiMessages(documents, document, this.#context.dialect, attempt);
  }

  #typeOf(name: string): string {
    const plain = name.replace(/\.(json|ya?ml)$/, '');
    return this.#context.dialect.schemaType?.(plain) ?? plain;
  }

  #add(
    contract: Record<Direction, MutableChecks>,
    { type, directions, document, at }: Described,
    validator: Validator,
  ) {
    for (const direction of directions) {
      const checks = contract[direction];
      if (type === undefined) checks.every = validator;
      else if (checks.types.has(type)) throw document.fault(at, `the type ${type} is described twice`);
      else checks.types.set(type, validator);
    }
  }

  #compile(documents: Documents, described: Described): Validator {
    const { document, at, draft, type } = described;
    const collected = bundle(documents, document, at, draft);
    const { root } = collected;
    if (root === false) throw document.fault(at, 'no message can satisfy this');
    if (root === true || Object.keys(root).length === 0) {
      throw document.fault(
        at,
        'describes nothing; a file of definitions alone has a name that starts with _',
      );
    }
    if (isOpen(root, collected)) this.open.push({ file: document.file, type: type ?? '' });
    return this.#cache.take(collected, () => this.#compiler(draft).compile(collected));
  }

  #compiler(draft: Draft): Compiler {
    const compiler = this.#compilers.get(draft) ?? new Compiler(draft);
    this.#compilers.set(draft, compiler);
    return compiler;
  }

  #attempt<T>(path: Segments, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (error instanceof SchemaFault) {
        const { message, file, line } = error;
        this.problems.push({ path, message, file, ...(line !== undefined && { line }) });
      } else if (error instanceof OptionsError) {
        this.problems.push({ path, message: error.message });
      } else throw error;
      return undefined;
    }
  }
}

interface MutableChecks {
  readonly types: Map<string, Validator>;
  every: Validator | undefined;
}

function checks(): MutableChecks {
  return { types: new Map(), every: undefined };
}

function describeFile(document: SchemaDocument, type: string | undefined): Described {
  const uri = isSchemaObject(document.value) ? document.value.$schema : undefined;
  const draft = uri === undefined ? '2020-12' : draftOf(document.value);
  if (!draft) throw document.fault(['$schema'], '$schema is neither draft-07 nor 2020-12');
  return { type, directions: BOTH, document, at: [], draft };
}

/** Whether an object somewhere in the message may have members that its schema does not name. */
function isOpen(schema: JsonSchema, bundle: Bundle, seen = new Set<string>()): boolean {
  if (!isSchemaObject(schema)) return false;
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.split('/').at(-1)!;
    if (seen.has(name)) return false;
    return isOpen(bundle.definitions.get(name) ?? true, bundle, seen.add(name));
  }
  if ('properties' in schema && !('additionalProperties' in schema) && !('unevaluatedProperties' in schema)) {
    return true;
  }
  let open = false;
  eachSubschema(schema, bundle.draft, (part, inPlace) => {
    // what only adds to the schema around it is rightly open
    open ||= !inPlace && isOpen(part, bundle, seen);
  });
  return open;
}
