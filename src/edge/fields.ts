import { type Refused, refuse } from '../pipeline/verdict.ts';

/** Fields that a request has at most once: two of them are two readings, and somebody else may take the other. */
const SINGLE: ReadonlySet<string> = new Set([
  'authorization',
  'content-length',
  'cookie',
  'expect',
  'host',
  'origin',
  'proxy-authorization',
  'sec-fetch-site',
  'sec-websocket-key',
  'sec-websocket-version',
  'transfer-encoding',
]);

/** Visible ASCII, spaces and tabs (RFC 9110 §5.5 without obs-text: header fields in other alphabets have no one meaning). */
const VALUE = /^[\t\x20-\x7e]*$/;

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Whether the text is a token of RFC 9110 §5.6.2. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/**
 * The header fields by name in lower case, from node's `rawHeaders` and not from `headers`, which silently keeps the
 * first of two. Repeated fields are joined by `, `, those that must not be repeated are refused.
 */
export function readFields(raw: readonly string[], maxFields: number): ReadonlyMap<string, string> | Refused {
  if (raw.length > maxFields * 2) return refuse('headers_too_large', `more than ${maxFields} header fields`);
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    const value = raw[i + 1]!;
    if (!isToken(name)) return refuse('request_malformed', 'a field name is not a token');
    if (!VALUE.test(value)) return refuse('request_malformed', `${name} has bytes outside of visible ASCII`);
    const before = fields.get(name);
    if (before !== undefined && SINGLE.has(name)) {
      const code = name === 'host' ? 'host_invalid' : 'request_malformed';
      return refuse(code, `${name} is repeated`);
    }
    fields.set(name, before === undefined ? trim(value) : `${before}, ${trim(value)}`);
  }
  return fields;
}

/** Whether `found` is what a reader could not read. */
export function isRefusal(found: unknown): found is Refused {
  return typeof found === 'object' && found !== null && 'pass' in found;
}

/**
 * The elements of a comma-separated list, without the white space around them; empty ones are kept, for the grammar
 * to judge. Linear in the length of the text: it is cut once, and nothing is searched twice.
 */
export function listOf(text: string): string[] {
  return text.split(',').map(trim);
}

/** Without spaces and tabs at both ends. A loop and not a regular expression: `\s+$` is quadratic. */
export function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
