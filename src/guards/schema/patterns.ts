import { RE2JS } from 're2js';
import { spend } from './meter.ts';

/** A compiled `pattern`: what ajv asks of a regular expression. */
export interface Pattern {
  test(text: string): boolean;
  /** Unique to the pattern: ajv keeps one compiled pattern for each. */
  toString(): string;
}

/** What RE2 reads in a microsecond, at least. */
const CHARACTERS_PER_UNIT = 16;

/**
 * Compiles an ECMA-262 pattern so that it runs in time linear in the text, whatever the pattern and the text.
 *
 * A pattern that is a row of characters and classes from `^`, each repeat unable to take what follows it, has one way
 * to match: the engine of the runtime is linear on it and 20 times as fast. Any other runs on RE2.
 * Throws an Error for what RE2 has not (lookaround, back references) or ECMA-262 does not allow.
 */
export function compilePattern(source: string): Pattern {
  const native = new RegExp(source, 'u');
  if (hasOneWay(source)) return native;
  const re2 = RE2JS.compile(toRe2(source));
  return {
    test(text) {
      spend(1 + text.length / CHARACTERS_PER_UNIT);
      return re2.test(text);
    },
    toString: () => `re2:${source}`,
  };
}

/** A character or class, and its quantifier. No groups, alternatives, `.`, `\s` or properties. */
const ATOM =
  /([A-Za-z0-9 !"#%&',:;<=>@_`~-]|\\[$()*+./?[\\\]^{|}dw]|\[\^?(?:[A-Za-z0-9 !"#$%&'()*+,./:;<=>?@_`{|}~-]|\\[$()*+./?[\\\]^{|}dw-])+\])(\?|\*|\+|\{\d+(?:,\d*)?\})?/y;

/** One character of each kind that the classes of `ATOM` can tell apart: ASCII, and all others alike. */
const SAMPLES = [...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)), 'Ā'];

interface Atom {
  readonly test: RegExp;
  /** Whether the count is fixed: then there is nothing to try twice. */
  readonly fixed: boolean;
  readonly optional: boolean;
}

function hasOneWay(source: string): boolean {
  if (!source.startsWith('^')) return false;
  const atoms: Atom[] = [];
  ATOM.lastIndex = 1;
  const end = source.endsWith('$') && !source.endsWith('\\$') ? source.length - 1 : source.length;
  while (ATOM.lastIndex < end) {
    const found = ATOM.exec(source);
    if (!found) return false;
    const quantifier = found[2] ?? '';
    atoms.push({
      test: new RegExp(`^${found[1]}$`, 'u'),
      fixed: quantifier === '' || /^\{\d+\}$/.test(quantifier),
      optional: /^(?:\?|\*|\{0,\d*\}|\{0\})$/.test(quantifier),
    });
  }
  return (
    ATOM.lastIndex === end && atoms.every((atom, index) => atom.fixed || isApart(atom, atoms, index + 1))
  );
}

/** Whether nothing that may come next, up to the first that must, shares a character with this one. */
function isApart(atom: Atom, atoms: readonly Atom[], from: number): boolean {
  for (const next of atoms.slice(from)) {
    if (SAMPLES.some((char) => atom.test.test(char) && next.test.test(char))) return false;
    if (!next.optional) return true;
  }
  return true;
}

/** White space and line ends as ECMA-262 has them; RE2's own are ASCII alone. */
const SPACE =
  '\\t\\n\\x0b\\f\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}';
const NOT_LINE_END = '[^\\n\\r\\x{2028}\\x{2029}]';

/** Rewrites a pattern (valid in ECMA-262 with the flag `u`) where RE2 would read it in another way. */
function toRe2(source: string): string {
  let out = '';
  let inClass = false;
  for (let at = 0; at < source.length; ) {
    const [from, to]: Token = inClass ? inClassToken(source, at) : outsideToken(source, at);
    if (inClass ? from === ']' : from === '[') inClass = !inClass;
    out += to;
    at += from.length;
  }
  return out;
}

/** What stands next in the source, and what RE2 is given for it. */
type Token = readonly [from: string, to: string];

function outsideToken(source: string, at: number): Token {
  const char = source[at]!;
  if (char === '\\') return escapeToken(source, at, false);
  if (char === '.') return ['.', NOT_LINE_END];
  if (source.startsWith('[^]', at)) return ['[^]', '[\\x00-\\x{10FFFF}]'];
  if (source.startsWith('[]', at)) return ['[]', '[^\\x00-\\x{10FFFF}]'];
  return [char, char];
}

function inClassToken(source: string, at: number): Token {
  const char = source[at]!;
  if (char === '\\') return escapeToken(source, at, true);
  // unescaped, RE2 would take [:alpha:] for a class of its own
  if (char === '[') return ['[', '\\['];
  return [char, char];
}

const PAIR = /\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/y;
const UNIT = /\\u(?:([0-9a-fA-F]{4})|\{([0-9a-fA-F]+)\})/y;
const CONTROL = /\\c([A-Za-z])/y;
const PROPERTY = /\\([pP])\{(?:(?:Script|sc|General_Category|gc)=)?([A-Za-z_]+)\}/y;

function escapeToken(source: string, at: number, inClass: boolean): Token {
  const pair = matchAt(PAIR, source, at);
  if (pair) return [pair[0], codePoint(String.fromCharCode(hex(pair[1]), hex(pair[2])).codePointAt(0)!)];
  const unit = matchAt(UNIT, source, at);
  if (unit) return [unit[0], codePoint(hex(unit[1] ?? unit[2]))];
  const control = matchAt(CONTROL, source, at);
  if (control) return [control[0], codePoint(control[1]!.charCodeAt(0) & 31)];
  const property = matchAt(PROPERTY, source, at);
  if (property) return [property[0], `\\${property[1]}{${property[2]}}`];
  const letter = source.slice(at, at + 2);
  return [letter, plainEscape(letter, inClass)];
}

function plainEscape(letter: string, inClass: boolean): string {
  if (/[1-9k]/.test(letter[1]!)) throw new Error('back references do not run in linear time');
  if (letter === '\\s') return inClass ? SPACE : `[${SPACE}]`;
  if (letter === '\\S') {
    if (inClass) throw new Error('\\S inside a class is not supported; write the class the other way round');
    return `[^${SPACE}]`;
  }
  if (letter === '\\0') return '\\x00';
  if (letter === '\\b' && inClass) return '\\x08';
  return letter === '\\/' ? '/' : letter;
}

function matchAt(expression: RegExp, source: string, at: number): RegExpExecArray | null {
  expression.lastIndex = at;
  return expression.exec(source);
}

function hex(digits: string | undefined): number {
  return Number.parseInt(digits!, 16);
}

function codePoint(code: number): string {
  if (code >= 0xd800 && code <= 0xdfff) throw new Error('half a surrogate pair stands for no character');
  return `\\x{${code.toString(16)}}`;
}
