import type { JsonFault } from '../../src/guards/json/limits.ts';
import { isExact } from '../../src/guards/json/number.ts';

/** What a plain, recursive reading finds in a JSON text: the oracle of the scanner's tests. */
export interface Shape {
  depth: number;
  keys: number;
  items: number;
  readonly faults: Set<JsonFault>;
}

/** Undefined for a text that `JSON.parse` refuses. */
export function shapeOf(text: string): Shape | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const shape: Shape = { depth: 0, keys: 0, items: 0, faults: new Set() };
  // Every token of a text that is known to be JSON.
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\],:]|true|false|null/gsu) ?? [];
  readValue(tokens, 0, 0, false, shape);
  return shape;
}

function readValue(
  tokens: readonly string[],
  at: number,
  depth: number,
  ofConstructor: boolean,
  shape: Shape,
): number {
  const token = tokens[at]!;
  if (token === '{') return readObject(tokens, at + 1, depth + 1, ofConstructor, shape);
  if (token === '[') return readArray(tokens, at + 1, depth + 1, shape);
  if (token.startsWith('"')) checkString(token, shape);
  else if (/^[-\d]/.test(token) && !isExact(token)) shape.faults.add('number');
  return at + 1;
}

function readObject(
  tokens: readonly string[],
  start: number,
  depth: number,
  ofConstructor: boolean,
  shape: Shape,
): number {
  shape.depth = Math.max(shape.depth, depth);
  const seen: string[] = [];
  let at = start;
  while (tokens[at] !== '}') {
    if (tokens[at] === ',') at++;
    const name = checkString(tokens[at]!, shape);
    shape.keys++;
    if (seen.includes(name)) shape.faults.add('duplicate');
    seen.push(name);
    if (name === '__proto__' || (name === 'prototype' && ofConstructor)) shape.faults.add('prototype');
    if (name.includes('\0')) shape.faults.add('nul');
    at = readValue(tokens, at + 2, depth, name === 'constructor', shape);
  }
  return at + 1;
}

function readArray(tokens: readonly string[], start: number, depth: number, shape: Shape): number {
  shape.depth = Math.max(shape.depth, depth);
  let at = start;
  while (tokens[at] !== ']') {
    if (tokens[at] === ',') at++;
    shape.items++;
    at = readValue(tokens, at, depth, false, shape);
  }
  return at + 1;
}

function checkString(token: string, shape: Shape): string {
  const text = JSON.parse(token) as string;
  if (Buffer.from(text).toString() !== text) shape.faults.add('surrogate');
  return text;
}
