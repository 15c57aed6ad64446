import { type Refused, refuse } from '../pipeline/verdict.ts';
import { isToken, trim } from '../protocol/tokens.ts';

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
