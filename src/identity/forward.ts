import type { Principal } from '../pipeline/principal.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import { isCleanText } from './claims.ts';

/** What of a principal an upstream may be told. */
export const FORWARDABLE = [
  'subject',
  'tenant',
  'roles',
  'tier',
  'identity',
  'tokenId',
  'certificateSerial',
] as const;

export type ForwardedHeaders = readonly (readonly [name: string, value: string])[];

const MAX_VALUE = 4_096; // bytes of one header's value

/**
 * What the upstream is told of the principal, by the route's `forward` (`{ subject: 'X-Subject' }`). What the principal
 * lacks is left out; a list is joined by `, `. Values hold UTF-8 bytes as one character each, to be written as latin1.
 *
 * Refuses a value that an upstream could read as another one: control characters, blanks at its ends (RFC 9110 §5.5 has
 * them cut), an item of a list with a comma in it, and more than 4 KiB.
 */
export function forwardHeaders(
  forward: Readonly<Record<string, string>>,
  principal: Principal,
): ForwardedHeaders | Refused {
  const headers: [string, string][] = [];
  for (const field of FORWARDABLE) {
    const header = forward[field];
    const value = principal[field];
    if (header === undefined || value === undefined) continue;
    const written = typeof value === 'string' ? writeText(value) : writeList(value);
    if (written === undefined || written.length > MAX_VALUE)
      return refuse('credential_invalid', `the ${field} cannot be written as a header`);
    if (written !== '') headers.push([header, written]);
  }
  return headers;
}

function writeList(values: readonly string[]): string | undefined {
  const texts = values.map(writeText);
  return texts.every((text) => text !== undefined && !text.includes(',')) ? texts.join(', ') : undefined;
}

function writeText(value: string): string | undefined {
  if (!isCleanText(value) || value.trim() !== value) return undefined;
  return Buffer.from(value).toString('latin1');
}
