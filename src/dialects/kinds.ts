import type { DialectKind } from '../pipeline/dialect.ts';
import { json } from './json.ts';
import { raw } from './raw.ts';

/** Every dialect there is. */
export const DIALECT_KINDS: readonly DialectKind[] = [raw, json];
