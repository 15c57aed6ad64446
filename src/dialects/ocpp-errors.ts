import type { RefusalCode } from '../errors.ts';
import type { Notice } from '../pipeline/dialect.ts';
import type { Violation } from '../pipeline/verdict.ts';

/** The generations of OCPP-J that spell their errors differently. */
export type OcppVersion = 1 | 2;

/** From the negotiated subprotocol (`ocpp1.6`, `ocpp2.0.1`). */
export function versionOf(protocol: string): OcppVersion {
  return protocol.startsWith('ocpp1.') ? 1 : 2;
}

/** What a message that breaks its schema is answered with. */
const BY_VIOLATION: Readonly<Record<Violation, readonly [inVersion1: string, inVersion2: string]>> = {
  occurrence: ['OccurenceConstraintViolation', 'OccurrenceConstraintViolation'],
  type: ['TypeConstraintViolation', 'TypeConstraintViolation'],
  value: ['PropertyConstraintViolation', 'PropertyConstraintViolation'],
  extra: ['FormationViolation', 'FormatViolation'],
};

const FORMAT = BY_VIOLATION.extra;

const BY_CODE: Partial<Readonly<Record<RefusalCode, readonly [inVersion1: string, inVersion2: string]>>> = {
  type_unknown: ['NotImplemented', 'NotImplemented'],
  not_authorized: ['SecurityError', 'SecurityError'],
  internal: ['InternalError', 'InternalError'],
  message_kind: FORMAT,
  message_malformed: FORMAT,
  json_structure: FORMAT,
  json_unsafe: FORMAT,
  schema_invalid: FORMAT,
};

/**
 * The error code of a CALLERROR (OCPP-J 1.6 §4.2.3, OCPP-J 2.0.1 §4.2.3). Version 1.6 writes Occurence with one r and
 * Formation where later ones write Format. What has no code of its own is a GenericError.
 */
export function errorCode({ code, violation }: Notice, version: OcppVersion): string {
  const spellings = violation === undefined ? BY_CODE[code] : BY_VIOLATION[violation];
  return spellings?.[version - 1] ?? 'GenericError';
}

/** The same for a message whose id could not be read, which only 2.0.1 answers (OCPP-J 2.0.1 §4.3). */
export function errorCodeWithoutId(notice: Notice): string {
  return BY_CODE[notice.code] === FORMAT ? 'RpcFrameworkError' : errorCode(notice, 2);
}
