import { z } from 'zod';
import { HEALTH_CHECKS, type HealthCheckName } from '../record/health.ts';
import type { CertificateFacts } from './operator.ts';
import type { SessionFacts } from './session-facts.ts';

/** What the API answers with, described once: the handlers' types and the OpenAPI document come from here. */

const time = z.iso.datetime().describe('UTC.');
const serial = z.string().describe('Hexadecimal, lower case.');

export const SESSION = z.strictObject({
  id: z.string(),
  node: z.string().describe('The gateway that holds it.'),
  worker: z.int().optional().describe('Which of its worker processes does, where there are several.'),
  route: z.string(),
  identity: z.string(),
  subject: z.string(),
  tenant: z.string().optional(),
  roles: z.array(z.string()),
  tokenId: z.string().optional(),
  certificateSerial: serial.optional(),
  address: z.string(),
  host: z.string(),
  path: z.string(),
  origin: z.string().optional(),
  protocol: z.string().describe('The negotiated subprotocol; empty if none.'),
  since: time,
  expires: time.optional().describe('When the credential runs out. UTC.'),
  parked: z.literal(true).optional().describe('It has lost its client, and waits for it to come back.'),
  emergency: z
    .literal(true)
    .optional()
    .describe('Admitted in emergency mode, by what was known before the identity provider went away.'),
});

export const SESSION_PAGE = z.strictObject({
  sessions: z.array(SESSION).describe('In the order of their ids.'),
  total: z.int().describe('How many there are in all pages.'),
  next: z.string().optional().describe('The `after` of the next page; absent on the last.'),
  missing: z
    .array(z.string())
    .optional()
    .describe('Nodes and worker processes that did not answer in time: their sessions are not in it.'),
});

export const KICKED = z.strictObject({ kicked: z.int().describe('How many sessions were ended.') });

export const CERTIFICATES = z.strictObject({
  certificates: z.array(
    z.strictObject({
      listener: z.string(),
      name: z.string(),
      names: z.array(z.string()),
      serial,
      issuer: z.string(),
      notBefore: time,
      notAfter: time,
    }),
  ),
});

export const ROTATIONS = z.strictObject({
  rotations: z.array(
    z.strictObject({
      listener: z.string(),
      replaced: z.array(z.strictObject({ name: z.string(), serial, previous: serial })),
      problems: z.array(z.string()).describe('Why files were not taken; the old ones stay in service.'),
    }),
  ),
});

export const RELOADED = z.strictObject({ generation: z.int() });

export const DRAINING = z.strictObject({ sessions: z.int().describe('How many are left to close.') });

export const HEALTH = z.strictObject({
  status: z.enum(['ok', 'unavailable']),
  checks: z
    .array(
      z.strictObject({
        name: z.enum(Object.keys(HEALTH_CHECKS) as HealthCheckName[]),
        healthy: z.boolean(),
        blocksReady: z.boolean(),
        reason: z.string().optional(),
      }),
    )
    .optional()
    .describe('Only for who shows a token.'),
});

export const OPENAPI = z.looseObject({ openapi: z.string() });

/** An error, as RFC 9457 describes it. */
export const PROBLEM = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string().describe('The reason phrase of the status.'),
  status: z.int(),
  detail: z.string().optional(),
  errors: z
    .array(
      z.strictObject({
        message: z.string(),
        at: z.string().optional().describe('The parameter that is wrong, or the file.'),
        line: z.int().optional(),
      }),
    )
    .optional(),
});

export type Problem = z.infer<typeof PROBLEM>;

/** A session as the API shows it. */
export function viewSession(session: SessionFacts): z.infer<typeof SESSION> {
  const { id, node, worker, route, principal, address, host, path, origin, protocol, since, parked } =
    session;
  const { identity, subject, tenant, roles, tokenId, certificateSerial, expiresAt, emergency } = principal;
  return {
    id,
    node,
    ...(worker !== undefined && { worker }),
    route,
    identity,
    subject,
    ...(tenant !== undefined && { tenant }),
    roles: [...roles],
    ...(tokenId !== undefined && { tokenId }),
    ...(certificateSerial !== undefined && { certificateSerial }),
    address,
    host,
    path,
    ...(origin !== undefined && { origin }),
    protocol,
    since: text(since),
    ...(expiresAt !== undefined && { expires: text(expiresAt) }),
    ...(parked && { parked }),
    ...(emergency && { emergency }),
  };
}

export function viewCertificate({ names, notBefore, notAfter, ...rest }: CertificateFacts) {
  return { ...rest, names: [...names], notBefore: text(notBefore), notAfter: text(notAfter) };
}

/** The latest time that a Date can hold; a credential may claim a later one. */
const LATEST = 8.64e15;

function text(milliseconds: number): string {
  return new Date(Math.min(milliseconds, LATEST)).toISOString();
}
