import type { Case } from './case.ts';
import { CLOSING } from './cases/closing.ts';
import { CONTROL_FRAMES } from './cases/control-frames.ts';
import { DATA_FRAMES } from './cases/data-frames.ts';
import { DEFLATE } from './cases/deflate.ts';
import { FRAGMENTS } from './cases/fragments.ts';
import { LIMITS } from './cases/limits.ts';
import { RESERVED } from './cases/reserved.ts';
import { UTF_8 } from './cases/utf-8.ts';

/** RFC 6455, by the part of it that a table is about. */
export const TABLES: Readonly<Record<string, readonly Case[]>> = {
  'data frames': DATA_FRAMES,
  'control frames': CONTROL_FRAMES,
  'reserved bits and opcodes': RESERVED,
  fragments: FRAGMENTS,
  'UTF-8': UTF_8,
  closing: CLOSING,
  limits: LIMITS,
};

/** RFC 7692. */
export const DEFLATE_TABLE = DEFLATE;
