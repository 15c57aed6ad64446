import type { DialectTraits } from '../../pipeline/context.ts';
import type { Direction } from '../../pipeline/message.ts';
import { draftOf } from './bundle.ts';
import type { Described } from './described.ts';
import type { Documents, SchemaDocument, Segments } from './documents.ts';
import type { Draft } from './keywords.ts';
import { followReference, pointerNames } from './references.ts';
import { isSchemaObject, type SchemaObject } from './walk.ts';

/** A part of a document, all `$ref`s on the way to it followed. */
interface Part {
  readonly document: SchemaDocument;
  readonly at: Segments;
  readonly value: SchemaObject;
}

/** A message that one side may send. */
interface Sent {
  readonly message: Part;
  readonly direction: Direction;
}

/** Does some work, and keeps the fault in it for later: then undefined. */
export type Attempt = <T>(work: () => T) => T | undefined;

/** References that lead to references, at most. */
const MAX_HOPS = 32;

const OPPOSITE: Readonly<Record<Direction, Direction>> = { client: 'server', server: 'client' };

export function isAsyncApi(value: unknown): boolean {
  return isSchemaObject(value) && 'asyncapi' in value;
}

/**
 * The messages of an AsyncAPI document, 2.x or 3.x, that describes the server behind the gateway.
 *
 * A message's type is the `const` (or `enum`) that its payload has where the dialect finds the type; failing that, the
 * message's name. Throws a SchemaFault where the document cannot be gone through; a fault in one message is left to
 * `attempt`, so that those of the others are told too.
 */
export function asyncApiMessages(
  documents: Documents,
  document: SchemaDocument,
  dialect: DialectTraits,
  attempt: Attempt,
): readonly Described[] {
  const reader = new AsyncApiReader(documents, dialect);
  const found = new Map<string, { described: Described; directions: Set<Direction> }>();
  const sent = reader.sent(document);
  for (const { message, direction } of sent) {
    for (const described of attempt(() => reader.describe(message)) ?? []) {
      const key = JSON.stringify([described.type, described.document.file, described.at]);
      const entry = found.get(key) ?? { described, directions: new Set() };
      entry.directions.add(direction);
      found.set(key, entry);
    }
  }
  if (sent.length === 0) throw document.fault([], 'this AsyncAPI document describes no message');
  return [...found.values()].map(({ described, directions }) => ({
    ...described,
    directions: [...directions],
  }));
}

class AsyncApiReader {
  readonly #documents: Documents;
  readonly #dialect: DialectTraits;

  constructor(documents: Documents, dialect: DialectTraits) {
    this.#documents = documents;
    this.#dialect = dialect;
  }

  sent(document: SchemaDocument): Sent[] {
    const version = `${document.at(['asyncapi'])}`;
    if (version.startsWith('2.')) return this.#sentInVersion2(document);
    if (version.startsWith('3.')) return this.#sentInVersion3(document);
    throw document.fault(['asyncapi'], `AsyncAPI ${version} is not read; 2.x and 3.x are`);
  }

  /** In 2.x an operation says what others do: `publish` is what clients send. */
  #sentInVersion2(document: SchemaDocument): Sent[] {
    return this.#members(document, ['channels']).flatMap((channel) => [
      ...this.#messagesOf2(channel, 'publish').map((message): Sent => ({ message, direction: 'client' })),
      ...this.#messagesOf2(channel, 'subscribe').map((message): Sent => ({ message, direction: 'server' })),
    ]);
  }

  #messagesOf2(channel: Part, operation: 'publish' | 'subscribe'): Part[] {
    if (!(operation in channel.value)) return [];
    const { document, at, value } = this.#part(channel.document, [...channel.at, operation]);
    if (!('message' in value)) throw document.fault(at, `${operation} has no message`);
    const message = this.#part(document, [...at, 'message']);
    if (!Array.isArray(message.value.oneOf)) return [message];
    return message.value.oneOf.map((_, index) =>
      this.#part(message.document, [...message.at, 'oneOf', index]),
    );
  }

  /** In 3.x an operation says what the described application does: it receives what clients send. */
  #sentInVersion3(document: SchemaDocument): Sent[] {
    return this.#members(document, ['operations']).flatMap((operation) => {
      const { action } = operation.value;
      if (action !== 'send' && action !== 'receive') {
        throw operation.document.fault([...operation.at, 'action'], 'action is send or receive');
      }
      const direction: Direction = action === 'receive' ? 'client' : 'server';
      const sent = this.#messagesOf3(operation).map((message): Sent => ({ message, direction }));
      if (!('reply' in operation.value)) return sent;
      const reply = this.#part(operation.document, [...operation.at, 'reply']);
      const answers = this.#messagesOf3(reply).map(
        (message): Sent => ({ message, direction: OPPOSITE[direction] }),
      );
      return [...sent, ...answers];
    });
  }

  /** The messages that an operation or reply lists; all of its channel if it lists none. */
  #messagesOf3({ document, at, value }: Part): Part[] {
    if (Array.isArray(value.messages)) {
      return value.messages.map((_, index) => this.#part(document, [...at, 'messages', index]));
    }
    if (!('channel' in value)) return [];
    const channel = this.#part(document, [...at, 'channel']);
    return this.#members(channel.document, [...channel.at, 'messages']);
  }

  describe({ document, at, value }: Part): Described[] {
    if (!('payload' in value)) throw document.fault(at, 'this message has no payload');
    const wrapped =
      isSchemaObject(value.payload) && 'schemaFormat' in value.payload && 'schema' in value.payload;
    const place = wrapped ? [...at, 'payload', 'schema'] : [...at, 'payload'];
    const format = wrapped ? (value.payload as SchemaObject).schemaFormat : value.schemaFormat;
    const draft = this.#draft(document, place, format);
    const types = this.#types(document, place) ?? [this.#nameOf(document, at, value)];
    return types.map((type) => ({ type, directions: [], document, at: place, draft }));
  }

  #draft(document: SchemaDocument, at: Segments, format: unknown): Draft {
    const payload = this.#part(document, at).value;
    const declared =
      '$schema' in payload ? draftOf(payload) : FORMATS.find(([known]) => known.test(`${format ?? ''}`))?.[1];
    if (declared) return declared;
    throw document.fault(
      at,
      `a payload of the format ${payload.$schema ?? format} is not read; JSON Schema draft-07 and 2020-12 are`,
    );
  }

  /** The types that a payload allows in its type field; undefined if it does not fix them. */
  #types(document: SchemaDocument, at: Segments): string[] | undefined {
    const { typeAt } = this.#dialect;
    if (typeAt === undefined) return undefined;
    return this.#constants(document, at, pointerNames(typeAt), 0);
  }

  #constants(
    document: SchemaDocument,
    at: Segments,
    names: readonly string[],
    depth: number,
  ): string[] | undefined {
    if (depth > MAX_HOPS || !isSchemaObject(document.at(at))) return undefined;
    const schema = this.#part(document, at);
    const look = (path: Segments, rest: readonly string[]) =>
      this.#constants(schema.document, [...schema.at, ...path], rest, depth + 1);
    const [name, ...rest] = names;
    const { value } = schema;
    const here = name === undefined ? constantsOf(value) : look(['properties', name], rest);
    if (here) return here;
    const branches = (keyword: string) =>
      (Array.isArray(value[keyword]) ? value[keyword] : []).map((_: unknown, index: number) =>
        look([keyword, index], names),
      );
    const all = branches('allOf').find((types) => types !== undefined);
    if (all) return all;
    const either = [...branches('oneOf'), ...branches('anyOf')];
    return either.length > 0 && either.every((types) => types !== undefined)
      ? [...new Set(either.flat())]
      : undefined;
  }

  /** Its name, or the key under which it stands among messages. */
  #nameOf(document: SchemaDocument, at: Segments, value: SchemaObject): string {
    const key = at.at(-2) === 'messages' ? at.at(-1) : undefined;
    const name = value.name ?? value.messageId ?? key;
    if (typeof name !== 'string')
      throw document.fault(at, 'neither a const for its type nor a name tells these messages apart');
    return this.#dialect.schemaType?.(name) ?? name;
  }

  #members(document: SchemaDocument, at: Segments): Part[] {
    if (document.at(at) === undefined) return [];
    const parent = this.#part(document, at);
    return Object.keys(parent.value).map((name) => this.#part(parent.document, [...parent.at, name]));
  }

  #part(document: SchemaDocument, at: Segments): Part {
    let here = document;
    let place = at;
    for (let hops = 0; hops <= MAX_HOPS; hops++) {
      const value = here.at(place);
      if (!isSchemaObject(value)) throw here.fault(place, 'an object is expected here');
      if (typeof value.$ref !== 'string') return { document: here, at: place, value };
      [here, place] = followReference(this.#documents, here, place, value.$ref);
    }
    throw document.fault(at, 'a $ref that leads round in a circle');
  }
}

function constantsOf({ const: constant, enum: list }: SchemaObject): string[] | undefined {
  if (typeof constant === 'string') return [constant];
  return Array.isArray(list) && list.length > 0 && list.every((each) => typeof each === 'string')
    ? list
    : undefined;
}

/** `schemaFormat`s that are read. AsyncAPI's own is a superset of draft-07. */
const FORMATS: readonly (readonly [RegExp, Draft])[] = [
  [/^$/, 'draft-07'],
  [/^application\/vnd\.aai\.asyncapi(\+json|\+yaml)?;/, 'draft-07'],
  [/^application\/schema\+(json|yaml);\s*version=draft-07$/, 'draft-07'],
  [/^application\/schema\+(json|yaml);\s*version=(draft\/)?2020-12$/, '2020-12'],
];
