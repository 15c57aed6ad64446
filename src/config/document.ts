import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { type Environment, substitute } from './environment.ts';
import { type Place, Places } from './places.ts';
import { type ConfigPath, type ConfigProblem, pathText } from './problem.ts';

/** What a YAML text says: plain values, where each stands, and what is wrong with it as YAML. */
export interface Reading {
  readonly value: unknown;
  readonly places: Places;
  readonly problems: readonly ConfigProblem[];
  /** Paths (as text) of values that came in part from the environment. */
  readonly fromEnvironment: ReadonlySet<string>;
}

/** Values and collections, aliases counted where they stand: what a billion laughs would exceed. */
const MAX_NODES = 50_000;
const MAX_DEPTH = 32;

/**
 * Reads YAML 1.2 in its core schema, strictly: no tags, no repeated keys, no keys but text. `${NAME}` is replaced
 * inside scalar values. Never throws.
 */
export function readDocument(file: string, text: string, environment: Environment): Reading {
  return new Reader(file, environment).read(text);
}

class Reader {
  readonly #file: string;
  readonly #environment: Environment;
  readonly #lines = new LineCounter();
  readonly #places = new Places();
  readonly #problems: ConfigProblem[] = [];
  readonly #fromEnvironment = new Set<string>();
  #document: Document | undefined;
  #nodes = 0;

  constructor(file: string, environment: Environment) {
    this.#file = file;
    this.#environment = environment;
  }

  read(text: string): Reading {
    const value = this.#parse(text);
    return {
      value,
      places: this.#places,
      problems: this.#problems,
      fromEnvironment: this.#fromEnvironment,
    };
  }

  #parse(text: string): unknown {
    try {
      const document = parseDocument(text, {
        lineCounter: this.#lines,
        prettyErrors: false,
        schema: 'core',
        version: '1.2',
        // Ours is linear, and says where.
        uniqueKeys: false,
      });
      this.#document = document;
      for (const { code, message, pos } of document.errors)
        this.#fault(
          [],
          this.#placeAt(pos[0]),
          code === 'MULTIPLE_DOCS' ? 'a second document begins here' : message,
        );
      if (document.directives?.yaml.explicit === true)
        this.#fault([], { line: 1, column: 1 }, 'a %YAML directive has no meaning here');
      if (document.errors.length > 0) return undefined;
      if (document.contents === null) {
        this.#fault([], { line: 1, column: 1 }, 'the file is empty');
        return undefined;
      }
      return this.#valueOf(document.contents as Node, [], undefined, 0);
    } catch {
      // Nesting that overflows the parser's stack.
      this.#fault([], { line: 1, column: 1 }, 'the file cannot be read as YAML');
      return undefined;
    }
  }

  #valueOf(node: Node | null, path: ConfigPath, key: Place | undefined, depth: number): unknown {
    const place = this.#placeOf(node) ?? key ?? { line: 1, column: 1 };
    this.#places.note(path, key, place);
    if (++this.#nodes > MAX_NODES) {
      if (this.#nodes === MAX_NODES + 1) this.#fault(path, place, `more than ${MAX_NODES} values`);
      return undefined;
    }
    if (depth > MAX_DEPTH) {
      this.#fault(path, place, `nested more than ${MAX_DEPTH} deep`);
      return undefined;
    }
    if (node === null) return null;
    if (isAlias(node)) return this.#aliased(node.resolve(this.#document!), path, key ?? place, depth);
    if (node.tag !== undefined) this.#fault(path, place, 'YAML tags have no meaning here');
    if (isMap(node)) return this.#mapOf(node.items, path, depth);
    if (isSeq(node))
      return node.items.map((item, at) =>
        this.#valueOf(item as Node | null, [...path, at], undefined, depth + 1),
      );
    return this.#scalar(isScalar(node) ? node.value : undefined, path, place);
  }

  #aliased(target: Node | undefined, path: ConfigPath, place: Place, depth: number): unknown {
    if (target) return this.#valueOf(target, path, place, depth + 1);
    this.#fault(path, place, 'no anchor of that name stands before it');
    return undefined;
  }

  #mapOf(items: readonly { key: unknown; value: unknown }[], path: ConfigPath, depth: number): unknown {
    const value: Record<string, unknown> = {};
    for (const { key, value: item } of items) {
      const place = this.#placeOf(key as Node | null) ?? this.#places.ofValue(path);
      const name = isScalar(key) && key.tag === undefined ? (key.source ?? String(key.value)) : undefined;
      if (name === undefined || name === '' || name === '__proto__')
        this.#fault(path, place, name === '__proto__' ? 'unknown key "__proto__"' : 'a key is plain text');
      else if (Object.hasOwn(value, name))
        this.#fault([...path, name], place, `the key ${JSON.stringify(name)} stands here twice`);
      else value[name] = this.#valueOf(item as Node | null, [...path, name], place, depth + 1);
    }
    return value;
  }

  #scalar(value: unknown, path: ConfigPath, place: Place): unknown {
    if (typeof value !== 'string') return value;
    const { text, changed, faults } = substitute(value, this.#environment);
    for (const fault of faults) this.#fault(path, place, fault);
    if (changed) this.#fromEnvironment.add(pathText(path));
    return text;
  }

  #fault(path: ConfigPath, place: Place, message: string): void {
    this.#problems.push({ file: this.#file, ...place, path: pathText(path), message });
  }

  #placeOf(node: Node | null | undefined): Place | undefined {
    return node?.range ? this.#placeAt(node.range[0]) : undefined;
  }

  #placeAt(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}
