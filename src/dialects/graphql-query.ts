import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql/language/index.js'; // the rest is for servers, and large

/** Bounds on what one query may ask for. */
export interface QueryLimits {
  readonly maxDepth: number;
  readonly maxAliases: number;
  /** Fields after fragments are spread. */
  readonly maxFields: number;
  readonly maxTokens: number;
  readonly introspection: boolean;
}

/** What authorization may know of an operation. */
export interface Operation {
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** Empty if it has none. */
  readonly name: string;
  /** Names of the fields that it asks of the root, fragments spread, aliases undone. */
  readonly fields: readonly string[];
}

/** Why a query is refused. */
export class QueryFault extends Error {
  override readonly name = 'QueryFault';
  /** Whether it is no query at all, rather than one that asks for too much. */
  readonly malformed: boolean;

  constructor(message: string, malformed = false) {
    super(message);
    this.malformed = malformed;
  }
}

/**
 * Reads a query with the parser of the reference implementation, since a reader of our own that saw less than the
 * server's would be a way round the limits. Every operation in the document is held against the limits, for servers
 * validate them all; time is linear in the number of tokens.
 *
 * @param name the `operationName` that chooses one of several
 * @throws {QueryFault}
 */
export function readQuery(source: string, name: string | undefined, limits: QueryLimits): Operation {
  const document = parseQuery(source, limits.maxTokens);
  const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  const chosen = operations.filter((each) => name === undefined || each.name?.value === name);
  if (chosen.length !== 1) throw new QueryFault('it is not clear which operation is meant', true);
  const measure = new Measure(document, limits);
  for (const each of operations) measure.check(each);
  return operationOf(chosen[0]!, measure);
}

function operationOf(node: OperationDefinitionNode, measure: Measure): Operation {
  return { kind: node.operation, name: node.name?.value ?? '', fields: measure.fieldsOf(node.selectionSet) };
}

function parseQuery(source: string, maxTokens: number): DocumentNode {
  try {
    return parse(source, { noLocation: true, maxTokens });
  } catch (error) {
    const tooLong = /more tha[nt] \d+ tokens/.test((error as Error).message);
    throw tooLong
      ? new QueryFault(`more than ${maxTokens} tokens`)
      : new QueryFault('not a GraphQL query', true);
  }
}

/** What a selection set comes to, its fragments spread. */
interface Size {
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
}

class Measure {
  readonly #limits: QueryLimits;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Measured once each, so that fragments that double at every level cost no more than their text. */
  readonly #sizes = new Map<string, Size | 'measuring'>();

  constructor(document: DocumentNode, limits: QueryLimits) {
    this.#limits = limits;
    this.#fragments = new Map(
      document.definitions.flatMap((each) =>
        each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
      ),
    );
  }

  check(operation: OperationDefinitionNode): void {
    const { maxDepth, maxAliases, maxFields } = this.#limits;
    const { depth, fields, aliases } = this.#size(operation.selectionSet);
    if (depth > maxDepth) throw new QueryFault(`deeper than ${maxDepth}`);
    if (aliases > maxAliases) throw new QueryFault(`more than ${maxAliases} aliases`);
    if (fields > maxFields) throw new QueryFault(`more than ${maxFields} fields`);
  }

  /** Root fields. Fragments are known not to come back to themselves once `check` has passed. */
  fieldsOf(set: SelectionSetNode, found = new Set<string>(), spread = new Set<string>()): readonly string[] {
    for (const each of set.selections) {
      if (each.kind === Kind.FIELD) found.add(each.name.value);
      else if (each.kind === Kind.INLINE_FRAGMENT) this.fieldsOf(each.selectionSet, found, spread);
      else if (!spread.has(each.name.value)) {
        spread.add(each.name.value);
        this.fieldsOf(this.#fragment(each.name.value).selectionSet, found, spread);
      }
    }
    return [...found];
  }

  #size(set: SelectionSetNode): Size {
    let depth = 0;
    let fields = 0;
    let aliases = 0;
    for (const each of set.selections) {
      const inner = this.#sizeOfSelection(each);
      depth = Math.max(depth, inner.depth);
      fields += inner.fields;
      aliases += inner.aliases;
    }
    return { depth, fields, aliases };
  }

  #sizeOfSelection(each: SelectionSetNode['selections'][number]): Size {
    if (each.kind === Kind.FRAGMENT_SPREAD) return this.#sizeOfFragment(each.name.value);
    if (each.kind === Kind.INLINE_FRAGMENT) return this.#size(each.selectionSet);
    if (!this.#limits.introspection && (each.name.value === '__schema' || each.name.value === '__type')) {
      throw new QueryFault('introspection is not allowed here');
    }
    const inner = each.selectionSet ? this.#size(each.selectionSet) : { depth: 0, fields: 0, aliases: 0 };
    return {
      depth: inner.depth + 1,
      fields: inner.fields + 1,
      aliases: inner.aliases + (each.alias ? 1 : 0),
    };
  }

  #sizeOfFragment(name: string): Size {
    const known = this.#sizes.get(name);
    if (known === 'measuring') throw new QueryFault('a fragment comes back to itself', true);
    if (known) return known;
    this.#sizes.set(name, 'measuring');
    const size = this.#size(this.#fragment(name).selectionSet);
    this.#sizes.set(name, size);
    return size;
  }

  #fragment(name: string): FragmentDefinitionNode {
    const fragment = this.#fragments.get(name);
    if (!fragment) throw new QueryFault('a fragment that is not there', true);
    return fragment;
  }
}
