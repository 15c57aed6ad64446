import { posix } from 'node:path';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { RouteContext } from '../../pipeline/context.ts';
import { SchemaFault } from './fault.ts';

/** Names from the root of a document to a part of it. */
export type Segments = readonly (string | number)[];

/** One file of schemas, parsed, that can tell at which line a part of it stands. */
export class SchemaDocument {
  readonly file: string;
  readonly value: unknown;
  readonly #text: string;
  #lines: ((segments: Segments) => number | undefined) | undefined;

  constructor(file: string, text: string) {
    this.file = file;
    this.#text = text;
    this.value = file.endsWith('.json') ? parseJson(file, text) : parseYaml(file, text);
  }

  /** The line, from 1, of a part or of the nearest part around it. */
  lineOf(segments: Segments): number | undefined {
    this.#lines ??= lineFinder(this.#text);
    return this.#lines(segments);
  }

  fault(segments: Segments, message: string): SchemaFault {
    return new SchemaFault(message, this.file, this.lineOf(segments));
  }

  /** The part at these segments; undefined if there is none. */
  at(segments: Segments): unknown {
    let value: unknown = this.value;
    for (const name of segments) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
      value = (value as Record<string | number, unknown>)[name];
    }
    return value;
  }
}

/** The documents of one contract: read once each, and none from outside its folder. */
export class Documents {
  readonly #context: Pick<RouteContext, 'read'>;
  readonly #folder: string;
  readonly #open = new Map<string, SchemaDocument>();

  constructor(context: Pick<RouteContext, 'read'>, folder: string) {
    this.#context = context;
    this.#folder = posix.normalize(folder);
  }

  open(file: string): SchemaDocument {
    const known = this.#open.get(file);
    if (known) return known;
    const document = new SchemaDocument(file, this.#context.read(file));
    this.#open.set(file, document);
    return document;
  }

  /** The document that a relative reference names, seen from another one. Throws a plain Error that says what is wrong. */
  neighbour(from: SchemaDocument, reference: string): SchemaDocument {
    if (/^[A-Za-z][A-Za-z0-9+.-]*:|^\/\//.test(reference)) {
      throw new Error('a $ref to another host or scheme is never followed; copy the schema beside this file');
    }
    const target = posix.join(posix.dirname(from.file), decodeURIComponent(reference));
    const inside = posix.relative(this.#folder, target);
    if (reference.startsWith('/') || inside === '..' || inside.startsWith('../')) {
      throw new Error(`a $ref may not leave the folder ${this.#folder}`);
    }
    return this.open(target);
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const [first] = parseDocument(text, { prettyErrors: true }).errors;
    throw new SchemaFault(`not JSON: ${(error as Error).message}`, file, first?.linePos?.[0].line);
  }
}

function parseYaml(file: string, text: string): unknown {
  const document = parseDocument(text, { prettyErrors: true });
  const [first] = document.errors;
  if (first) throw new SchemaFault(`not YAML: ${firstLine(first.message)}`, file, first.linePos?.[0].line);
  try {
    return document.toJS();
  } catch (error) {
    throw new SchemaFault(`not YAML: ${(error as Error).message}`, file);
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!;
}

function lineFinder(text: string): (segments: Segments) => number | undefined {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  return (segments) => {
    for (let depth = segments.length; depth >= 0; depth--) {
      const start = startOf(document, segments.slice(0, depth));
      if (start !== undefined) return lineCounter.linePos(start).line;
    }
    return undefined;
  };
}

function startOf(document: Document, segments: Segments): number | undefined {
  const node = segments.length === 0 ? document.contents : document.getIn(segments, true);
  return isNode(node) ? node.range?.[0] : undefined;
}
