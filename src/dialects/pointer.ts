import { z } from 'zod';
import { memberReader } from '../pipeline/member.ts';

/** A JSON pointer (RFC 6901) in the configuration: `/type`, `/header/id`. The empty pointer names no part. */
export const pointer = z
  .string()
  .max(256)
  .regex(/^(\/([^~/]|~[01])*)+$/, 'a JSON pointer like /type or /header/id');

/** The unescaped names that a pointer goes through. */
export function segmentsOf(text: string): readonly string[] {
  return text
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * Compiles a pointer to a reader. It sees own properties alone, so `/constructor` finds nothing unless it was sent;
 * what is absent is undefined.
 */
export function compilePointer(text: string): (value: unknown) => unknown {
  const names = segmentsOf(text);
  const [only] = names;
  if (names.length !== 1 || only === undefined) return (value) => names.reduce(memberOf, value);
  if (only in Array.prototype) return (value) => memberOf(value, only);
  // Nobody inherits a member of this name, so whoever has it owns it.
  const read = memberReader(only);
  return (value) => (typeof value === 'object' && value !== null ? read(value) : undefined);
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
