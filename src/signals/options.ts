import { z } from 'zod';
import { ALGORITHM_NAMES, type Algorithm, isSymmetric } from '../identity/algorithms.ts';
import { isSafeUrl } from '../identity/fetch.ts';
import { isUrl, keyOptions } from '../identity/jwt-options.ts';
import { duration } from '../pipeline/units.ts';

const oneOrMore = z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(64)]);

/** Those whose signatures can be checked without being able to make them. */
const PUBLIC_ALGORITHMS = ALGORITHM_NAMES.filter((name) => !isSymmetric(name)) as [Algorithm, ...Algorithm[]];

/** Identifier formats (RFC 9493 §3.2) whose value may be a subject as the gateway knows it. */
export const USER_FORMATS = ['iss_sub', 'opaque', 'email'] as const;
export type UserFormat = (typeof USER_FORMATS)[number];

const subjects = z.strictObject({
  identities: z
    .array(z.string())
    .min(1)
    .max(64)
    .describe('The identities whose holders it may speak of: sessions by others are not touched.'),
  issuer: z
    .string()
    .min(1)
    .optional()
    .describe('The `iss` in its identifiers of users and tokens; `issuer` if left out.'),
  user: z
    .array(z.enum(USER_FORMATS))
    .min(1)
    .default(['iss_sub'])
    .describe('The formats of identifiers in which a user is named by the same text as in `subject`.'),
});

/** One entry of `signals`: who may tell the gateway, by push, that a credential is good no more. */
export const signalOptions = z
  .strictObject({
    issuer: z.string().min(1).describe('Exactly as the `iss` of its event tokens has it.'),
    audience: oneOrMore.describe('One of them must be in `aud`.'),
    algorithms: z
      .array(z.enum(PUBLIC_ALGORITHMS))
      .min(1)
      .describe('The only ones accepted; never `none`, and none with a shared secret.'),
    jwks: z
      .string()
      .min(1)
      .optional()
      .describe('A URL or a file; left out, what the transmitter’s ssf-configuration names.'),
    authorization: z
      .string()
      .min(16)
      .max(1_024)
      .regex(/^[\x21-\x7e][\x20-\x7e]*[\x21-\x7e]$/, 'printable ASCII')
      .optional()
      .describe('The whole Authorization field that it must send, best taken from the environment.'),
    subjects: subjects.describe('Whom it speaks of, and how it names them.'),
    maxAge: duration
      .prefault('24h')
      .refine((ms) => ms >= 60_000 && ms <= 30 * 86_400_000, 'from 1m to 30d')
      .describe('Since `iat`: an older one is refused, and for so long none is taken twice.'),
    leeway: duration
      .prefault('5s')
      .refine((ms) => ms <= 60_000, 'at most 60s')
      .describe('By how much clocks may differ, at most 60s.'),
    keys: keyOptions.prefault({}),
    dangerouslyAllowHttp: z.boolean().default(false).describe('Ask for keys over plain http: a test only.'),
  })
  .superRefine(({ issuer, jwks, dangerouslyAllowHttp }, context) => {
    const needed = 'https, or http to this machine, without a password';
    const problem = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (jwks === undefined && !isSafeUrl(issuer, dangerouslyAllowHttp))
      problem('issuer', `without jwks, a URL to discover keys from: ${needed}`);
    if (jwks !== undefined && isUrl(jwks) && !isSafeUrl(jwks, dangerouslyAllowHttp)) problem('jwks', needed);
  });

export type SignalOptions = z.output<typeof signalOptions>;
