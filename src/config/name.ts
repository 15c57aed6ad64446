import { z } from 'zod';

/** What listeners, identities and routes may be called: it stands in logs, labels, addresses of the admin API. */
export const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, 'a name of letters, digits, ".", "_" and "-", at most 63');
