import { z } from 'zod';
import type { ClientCertificate, Handshake } from '../pipeline/handshake.ts';
import { type Identification, type IdentityKind, NOT_MINE } from '../pipeline/identity.ts';
import type { Principal } from '../pipeline/principal.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import { disagrees } from './binding.ts';
import { selector, valuesOf } from './certificate-fields.ts';
import { isCleanText } from './claims.ts';
import { freezePrincipal } from './principal.ts';

const options = z.strictObject({
  subject: selector.describe('The field that names the holder; it must have exactly one value.'),
  tenant: selector.optional().describe('The field that names the tenant.'),
  roles: selector.optional().describe('Each value of the field is a role.'),
  tier: selector.optional().describe('The field that names the service tier.'),
  issuer: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .describe('What the issuer’s name must say, field by field, where `ca` holds several authorities.'),
  matchPath: z.boolean().default(false).describe('The subject must be the last part of the path.'),
});

type CertificateOptions = z.infer<typeof options>;

/**
 * The client certificate of this connection, which the edge has verified against the listener's authorities and
 * revocation list. The subject is what the configured field holds, byte for byte; a field with two values names nobody.
 */
export const certificate: IdentityKind<CertificateOptions> = {
  name: 'certificate',
  options,
  create(name, options) {
    const issuer = Object.entries(options.issuer);
    return {
      identify(handshake) {
        const { certificate } = handshake.tls;
        if (!certificate || !issuer.every(([field, value]) => isOnly(certificate, field, value)))
          return NOT_MINE;
        return identified(name, certificate, handshake, options);
      },
    };
  },
};

function isOnly(certificate: ClientCertificate, field: string, value: string): boolean {
  const values = valuesOf(certificate, `issuer.${field}`);
  return values.length === 1 && values[0] === value;
}

function identified(
  name: string,
  certificate: ClientCertificate,
  handshake: Handshake,
  options: CertificateOptions,
): Identification {
  const subject = one(certificate, options.subject);
  if (subject === undefined) return refuse('credential_invalid', `the certificate has no ${options.subject}`);
  const tenant = options.tenant && one(certificate, options.tenant);
  const tier = options.tier && one(certificate, options.tier);
  const roles = options.roles ? valuesOf(certificate, options.roles) : [];
  for (const text of [subject, tenant, tier, ...roles]) {
    if (text === undefined) continue;
    if (typeof text === 'object') return text;
    if (!isCleanText(text))
      return refuse(
        'credential_invalid',
        'a field of the certificate is empty, too long or has control characters',
      );
  }
  return (
    disagrees(subject as string, handshake, options) ??
    principalOf(name, certificate, { subject, tenant, tier, roles } as Fields)
  );
}

interface Fields {
  readonly subject: string;
  readonly tenant: string | undefined;
  readonly tier: string | undefined;
  readonly roles: readonly string[];
}

function principalOf(
  identity: string,
  { subject: subjectName, issuer, san, serial, fingerprint, notAfter }: ClientCertificate,
  { subject, tenant, tier, roles }: Fields,
): Principal {
  return freezePrincipal({
    identity,
    subject,
    ...(tenant !== undefined && { tenant }),
    roles: [...roles],
    ...(tier !== undefined && { tier }),
    claims: structuredClone({ subject: subjectName, issuer, san, serial, fingerprint }),
    expiresAt: notAfter,
    certificateSerial: serial,
  });
}

/** The field's only value, undefined if it has none, a refusal if it has several. */
function one(certificate: ClientCertificate, field: string): string | undefined | Refused {
  const values = valuesOf(certificate, field);
  if (values.length <= 1) return values[0];
  return refuse('credential_invalid', `the certificate has ${values.length} values of ${field}`);
}
