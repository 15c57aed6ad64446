import type { IdentityKind } from '../pipeline/identity.ts';
import { anonymous } from './anonymous.ts';
import { basic } from './basic.ts';
import { certificate } from './certificate.ts';
import { introspection } from './introspection.ts';
import { jwt } from './jwt.ts';

/** Every kind of identity there is. */
export const IDENTITY_KINDS: readonly IdentityKind[] = [jwt, introspection, certificate, basic, anonymous];
