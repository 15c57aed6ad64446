import type { DialectKind } from '../pipeline/dialect.ts';

/** Every dialect there is. */
export const DIALECT_KINDS: readonly DialectKind[] = [];
