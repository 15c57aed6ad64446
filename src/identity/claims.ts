import { z } from 'zod';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import { isObject, type JsonObject } from './strict-json.ts';

/**
 * Where a claim is: names parted by dots (`realm_access.roles`), or, where a name has a dot in it, a JSON Pointer
 * (RFC 6901): `/https:~1~1example.com~1roles`.
 */
export const claimPath = z
  .string()
  .min(1)
  .max(256)
  .regex(/^(\/.*|[^./][^/]*)$/s, 'a dotted path, or a JSON Pointer that starts with /')
  .refine((path) => path.startsWith('/') || path.split('.').every((name) => name !== ''), 'an empty name');

export type Path = readonly string[];

/** Splits a `claimPath` into names, once, at load. */
export function parsePath(path: string): Path {
  if (!path.startsWith('/')) return path.split('.');
  return path
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a path, through own members of objects only; undefined if there is none. */
export function valueAt(claims: JsonObject, path: Path): unknown {
  let value: unknown = claims;
  for (const name of path) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** Paths by principal field. */
export const claimMapping = z.strictObject({
  subject: claimPath.default('sub').describe('The claim that names the holder.'),
  tenant: claimPath.optional().describe('The claim that names the tenant.'),
  roles: claimPath
    .optional()
    .describe('The claim that holds the roles: a list of names; `scope` and `scp` may be one text.'),
  tier: claimPath.optional().describe('The claim that names the service tier.'),
});

export type ClaimMapping = z.infer<typeof claimMapping>;

/** What a mapping takes from claims. */
export interface Mapped {
  readonly subject: string;
  readonly tenant?: string;
  readonly roles: readonly string[];
  readonly tier?: string;
}

const MAX_TEXT = 1_024; // characters
const MAX_ROLES = 256;

/** C0, DEL, C1, and the two separators that some line readers break at. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Whether a text may become part of a principal: not empty, not huge, no control characters, no half surrogates. */
export function isCleanText(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= MAX_TEXT &&
    !CONTROL.test(value) &&
    !/\p{Surrogate}/u.test(value)
  );
}

/** Compiles a mapping. What it returns refuses claims that are there and not of the right type, and a missing subject. */
export function claimMapper(mapping: ClaimMapping): (claims: JsonObject) => Mapped | Refused {
  const subjectPath = parsePath(mapping.subject);
  const tenantPath = mapping.tenant === undefined ? undefined : parsePath(mapping.tenant);
  const rolesPath = mapping.roles === undefined ? undefined : parsePath(mapping.roles);
  const tierPath = mapping.tier === undefined ? undefined : parsePath(mapping.tier);
  const spaced = mapping.roles === 'scope' || mapping.roles === 'scp';

  return (claims) => {
    const subject = valueAt(claims, subjectPath);
    if (!isCleanText(subject)) return bad('subject');
    const tenant = tenantPath && textOf(valueAt(claims, tenantPath));
    if (tenant === INVALID) return bad('tenant');
    const tier = tierPath && textOf(valueAt(claims, tierPath));
    if (tier === INVALID) return bad('tier');
    const roles = rolesPath ? rolesOf(valueAt(claims, rolesPath), spaced) : [];
    if (roles === INVALID) return bad('roles');
    return {
      subject,
      roles,
      ...(tenant !== undefined && { tenant }),
      ...(tier !== undefined && { tier }),
    };
  };
}

const INVALID = Symbol('invalid');

function bad(field: string): Refused {
  return refuse('credential_invalid', `the claim for ${field} is missing or not one that can be used`);
}

/** A whole number is a text too: many issuers number their tenants. */
function textOf(value: unknown): string | undefined | typeof INVALID {
  if (value === undefined || value === null) return undefined;
  if (Number.isSafeInteger(value)) return String(value);
  return isCleanText(value) ? value : INVALID;
}

/** A list of texts, or one text; `scope` is one text that holds several (RFC 6749 §3.3). */
function rolesOf(value: unknown, spaced: boolean): readonly string[] | typeof INVALID {
  if (value === undefined || value === null || value === '') return [];
  const list = typeof value === 'string' ? (spaced ? value.split(/ +/) : [value]) : value;
  if (!Array.isArray(list) || list.length > MAX_ROLES) return INVALID;
  return list.every(isCleanText) ? list : INVALID;
}
