import type { GuardKind } from '../pipeline/guard.ts';

/** Every guard there is, in the order in which they judge: cheap and general first. */
export const GUARD_KINDS: readonly GuardKind[] = [];
