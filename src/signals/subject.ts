import { isCleanText } from '../identity/claims.ts';
import { isObject, type JsonObject } from '../identity/strict-json.ts';
import type { UserFormat } from './options.ts';

/** Whom an event is about, in words of a revocation. */
export interface Target {
  readonly by: 'subject' | 'tenant' | 'tokenId';
  readonly value: string;
  /** The tenant that the user is said to be in. */
  readonly within?: string;
}

export interface SubjectRules {
  /** The `iss` that identifiers of users and tokens must have: nobody speaks for another issuer's. */
  readonly issuer: string;
  readonly user: readonly UserFormat[];
}

/** Well-formed, and names nobody that is known here. */
export interface Unknown {
  readonly unknown: string;
}

/** Not what RFC 9493 or the framework allow. */
export const MALFORMED = Symbol('malformed');

export type Found = Target | Unknown | typeof MALFORMED;

/**
 * Whom a subject identifier names (RFC 9493; complex ones: Shared Signals Framework 1.0 §3.2). What narrows a user further
 * (a device, an application, a session that has no name here) is not looked at: rather too much is ended than too little.
 * A tenant is ended as a whole only if nothing else is named.
 */
export function readSubject(identifier: unknown, rules: SubjectRules): Found {
  if (!isObject(identifier) || typeof identifier.format !== 'string') return MALFORMED;
  return identifier.format === 'complex' ? readComplex(identifier, rules) : readSimple(identifier, rules);
}

function readSimple(identifier: JsonObject, rules: SubjectRules): Found {
  if (identifier.format === 'jwt_id') return readToken(identifier, rules);
  const value = nameIn(identifier, rules.user, rules.issuer);
  return typeof value === 'string' ? { by: 'subject', value } : value;
}

function readComplex({ format: _, ...members }: JsonObject, rules: SubjectRules): Found {
  const { user, tenant, session } = members;
  const all = Object.values(members);
  if (all.length === 0 || !all.every((each) => isObject(each) && typeof each.format === 'string'))
    return MALFORMED;
  if (isObject(session) && session.format === 'jwt_id') return readToken(session, rules);
  const within = isObject(tenant) ? nameIn(tenant, ['opaque', 'iss_sub'], rules.issuer) : undefined;
  if (within === MALFORMED) return MALFORMED;
  if (isObject(user)) {
    const found = readSimple(user, rules);
    const narrowed = typeof found === 'object' && 'by' in found && typeof within === 'string';
    return narrowed ? { ...found, within } : found;
  }
  if (within === undefined) return { unknown: 'it names neither a user nor a tenant' };
  if (all.length > 1) return { unknown: 'it names a part of a tenant that is not known here' };
  return typeof within === 'string' ? { by: 'tenant', value: within } : within;
}

function readToken({ iss, jti }: JsonObject, { issuer }: SubjectRules): Found {
  if (!isCleanText(jti)) return MALFORMED;
  return iss === issuer ? { by: 'tokenId', value: jti } : FOREIGN;
}

const FOREIGN: Unknown = { unknown: 'its issuer may not speak for that one' };

/** The member that names somebody, by format. */
const NAMING: Readonly<Record<UserFormat, string>> = { iss_sub: 'sub', opaque: 'id', email: 'email' };

function nameIn(
  identifier: JsonObject,
  formats: readonly UserFormat[],
  issuer: string,
): string | Unknown | typeof MALFORMED {
  const format = formats.find((each) => each === identifier.format);
  if (!format) return { unknown: 'identifiers of this format name nobody here' };
  const value = identifier[NAMING[format]];
  if (!isCleanText(value)) return MALFORMED;
  return format === 'iss_sub' && identifier.iss !== issuer ? FOREIGN : value;
}
