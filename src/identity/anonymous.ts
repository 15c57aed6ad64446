import { z } from 'zod';
import type { IdentityKind } from '../pipeline/identity.ts';
import { isCleanText } from './claims.ts';
import { freezePrincipal } from './principal.ts';

const options = z.strictObject({
  subject: z
    .string()
    .refine(isCleanText, 'a text without control characters')
    .default('anonymous')
    .describe('What all of them are called.'),
});

/**
 * Lets anyone in, as nobody in particular: always responsible, so it stands last in `identify`. All share one subject,
 * and so one allowance per subject.
 */
export const anonymous: IdentityKind<z.infer<typeof options>> = {
  name: 'anonymous',
  options,
  create(name, { subject }) {
    const principal = freezePrincipal({ identity: name, subject, roles: [], claims: {} });
    return { identify: () => principal };
  },
};
