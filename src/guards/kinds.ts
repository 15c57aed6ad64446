import type { GuardKind } from '../pipeline/guard.ts';
import { address } from './address.ts';
import { authorize } from './authorize.ts';
import { connections } from './connections.ts';
import { json } from './json.ts';
import { origin } from './origin.ts';
import { quota } from './quota.ts';
import { rate } from './rate.ts';
import { schema } from './schema.ts';
import { size } from './size.ts';

/** Every guard there is, in the order in which they judge: cheap and general first. */
export const GUARD_KINDS: readonly GuardKind[] = [
  address,
  origin,
  connections,
  size,
  rate,
  quota,
  json,
  schema,
  authorize,
];
