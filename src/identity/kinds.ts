import type { IdentityKind } from '../pipeline/identity.ts';

/** Every kind of identity there is. */
export const IDENTITY_KINDS: readonly IdentityKind[] = [];
