import { z } from 'zod';
import { duration, size } from '../pipeline/units.ts';
import { ALGORITHM_NAMES, ALGORITHMS, type AlgorithmRow, isSymmetric } from './algorithms.ts';
import { bearerOptions } from './bearer.ts';
import { isSafeUrl } from './fetch.ts';

const oneOrMore = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** Accepts a token whatever its `typ`, also without one. ID tokens that do not say what they are get in this way. */
export const ANY_TYPE = 'dangerously-any';

/** How keys are fetched, of whomever. */
export const keyOptions = z.strictObject({
  cooldown: duration.prefault('30s').describe('Between two requests for keys, whatever clients send.'),
  timeout: duration.prefault('5s').describe('For the whole answer of the provider, discovery included.'),
  maxAge: duration.prefault('10m').describe('A key that was withdrawn is refused after this.'),
  staleIfError: duration.prefault('1h').describe('How much longer keys serve while no new ones can be had.'),
  maxBytes: size.prefault('256KiB').describe('Of a key set or discovery document.'),
  maxKeys: z.int().min(1).max(1_000).default(100).describe('In one key set.'),
  ca: z.string().min(1).optional().describe('PEM: trusted in place of the system’s authorities.'),
});

/** What `jwt:` may say. `issuer`, `audience` and `algorithms` have no default: a guess at them is a hole. */
export const jwtOptions = z
  .strictObject({
    issuer: z.string().min(1).describe('Exactly as the tokens’ `iss` has it.'),
    audience: oneOrMore.describe('One of them must be in `aud`.'),
    algorithms: z.array(z.enum(ALGORITHM_NAMES)).min(1).describe('The only ones accepted; never `none`.'),
    jwks: z
      .string()
      .min(1)
      .optional()
      .describe('A URL or a file; left out, OpenID discovery from the issuer.'),
    secret: z.string().min(1).optional().describe('For HS256 and its like, in place of public keys.'),
    secretFile: z.string().min(1).optional().describe('The same, in a file; one newline at its end is cut.'),
    type: oneOrMore
      .default('at+jwt')
      .describe('The `typ` of the header (RFC 9068); `JWT` for older issuers, `dangerously-any` for none.'),
    ...bearerOptions,
    leeway: duration
      .prefault('5s')
      .refine((ms) => ms <= 60_000, 'at most 60s')
      .describe('By how much clocks may differ, at most 60s.'),
    maxTokenAge: duration.prefault('24h').describe('Since `iat`, which every token must have.'),
    keys: keyOptions.prefault({}),
    dangerouslyAllowHttp: z.boolean().default(false).describe('Ask for keys over plain http: a test only.'),
  })
  .superRefine((options, context) => {
    for (const [path, message] of conflicts(options)) {
      context.addIssue({ code: 'custom', path: [path], message });
    }
  });

export type JwtOptions = z.infer<typeof jwtOptions>;

/** Whether `jwks` is asked for over the network. */
export function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

interface KeyChoice {
  readonly issuer: string;
  readonly algorithms: JwtOptions['algorithms'];
  readonly jwks?: string | undefined;
  readonly secret?: string | undefined;
  readonly secretFile?: string | undefined;
  readonly dangerouslyAllowHttp: boolean;
}

/** A public key must never be tried as a secret (RFC 8725 §2.1), so one identity has the one or the other. */
function* conflicts(options: KeyChoice): Generator<[path: string, message: string]> {
  const { issuer, algorithms, jwks, secret, secretFile, dangerouslyAllowHttp } = options;
  const given = [jwks, secret, secretFile].filter((source) => source !== undefined);
  if (given.length > 1) yield ['jwks', 'one of jwks, secret and secretFile'];
  const shared = secret !== undefined || secretFile !== undefined;
  const odd = algorithms.find((algorithm) => isSymmetric(algorithm) !== shared);
  if (odd && shared) yield ['algorithms', `${odd} needs a public key, and the identity has a secret`];
  else if (odd) yield ['algorithms', `${odd} needs a secret, and public keys are none`];
  if (secret !== undefined) {
    const problem = secretProblem(Buffer.from(secret), algorithms);
    if (problem) yield ['secret', problem];
  }
  if (shared) return;
  const needed = 'https, or http to this machine, without a password';
  if (jwks === undefined && !isSafeUrl(issuer, dangerouslyAllowHttp))
    yield ['issuer', `without jwks, a URL to discover keys from: ${needed}`];
  if (jwks !== undefined && isUrl(jwks) && !isSafeUrl(jwks, dangerouslyAllowHttp)) yield ['jwks', needed];
}

/** What is wrong with a secret, or undefined (RFC 7518 §3.2: at least as long as the hash). */
export function secretProblem(secret: Buffer, algorithms: JwtOptions['algorithms']): string | undefined {
  const needed = Math.max(...algorithms.map((name) => (ALGORITHMS[name] as AlgorithmRow).minSecret ?? 0));
  return secret.length < needed ? `a secret of at least ${needed} bytes, not ${secret.length}` : undefined;
}
