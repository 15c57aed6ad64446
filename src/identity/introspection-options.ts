import { z } from 'zod';
import { duration, size } from '../pipeline/units.ts';
import { bearerOptions } from './bearer.ts';
import { circuitOptions } from './circuit.ts';
import { isSafeUrl } from './fetch.ts';

const oneOrMore = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** VSCHAR (RFC 6749, appendix A.1 and A.2): a provider need not know what to do with anything else. */
const printable = z
  .string()
  .max(1_024)
  .regex(/^[\x20-\x7e]+$/, 'printable characters of ASCII');

/** Accepts a token whatever its `token_type`, also without one. Refresh tokens of some providers get in this way. */
export const ANY_TOKEN_TYPE = 'dangerously-any';

/** What `introspection:` may say. */
export const introspectionOptions = z
  .strictObject({
    endpoint: z.string().min(1).describe('The introspection endpoint: https, or http to this machine.'),
    clientId: printable.describe('As what the gateway is known to the provider.'),
    clientSecret: printable.describe('Its secret, sent by HTTP Basic; best taken from the environment.'),
    issuer: z.string().min(1).optional().describe('Where given, the answer must have it as `iss`.'),
    audience: oneOrMore
      .optional()
      .describe('Where given, the answer must have one of them in `aud`. Else the provider alone decides.'),
    clients: oneOrMore.optional().describe('Where given, one of them must be the `client_id` of the answer.'),
    type: oneOrMore
      .default('Bearer')
      .describe(
        'The `token_type` of the answer, in any case; `dangerously-any` for providers that give none.',
      ),
    ...bearerOptions,
    maxAge: duration
      .optional()
      .describe('How long a token is good whose answer has no `exp`; left out, it is refused.'),
    cacheFor: duration
      .prefault('10s')
      .refine((ms) => ms <= 600_000, 'at most 10m')
      .describe('How long an answer is believed, never beyond `exp`; a no for 2s at most.'),
    recheck: duration
      .refine((ms) => ms >= 1_000 && ms <= 86_400_000, 'from 1s to 1d')
      .optional()
      .describe(
        'How often, at least, the provider is asked again about the token of an open session; a no ends it. The token is then kept in memory. Left out, it is asked at the door alone.',
      ),
    timeout: duration
      .prefault('5s')
      .refine((ms) => ms >= 10 && ms <= 8_000, 'from 10ms to 8s')
      .describe('For the whole answer of the provider, and the wait for a turn.'),
    maxBytes: size.prefault('64KiB').describe('Of an answer.'),
    ca: z.string().min(1).optional().describe('PEM: trusted in place of the system’s authorities.'),
    circuit: circuitOptions.prefault({}),
    dangerouslyAllowHttp: z.boolean().default(false).describe('Ask over plain http: a test only.'),
  })
  .superRefine(({ endpoint, dangerouslyAllowHttp }, context) => {
    if (isSafeUrl(endpoint, dangerouslyAllowHttp)) return;
    const message = 'https, or http to this machine, without a password';
    context.addIssue({ code: 'custom', path: ['endpoint'], message });
  });

export type IntrospectionOptions = z.infer<typeof introspectionOptions>;
