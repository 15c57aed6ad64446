import { REFUSAL_CODES } from '../errors.ts';
import { CLOSE_CODES } from '../protocol/close-codes.ts';

/** The values a label may have: a list, or names that the configuration gives (`Meter.know`). */
export type LabelValues = readonly string[] | 'configured';

/** The value where there was nothing to say, and the one for whatever is not in the label's list. */
export const NONE = 'none';
export const OTHER = 'other';

/** Names come from the configuration alone: what a client sends is never a label. */
const CONFIGURED = 'configured';

/**
 * The labels that several metrics share. A value outside its list is counted as `other`, an absent one as `none`, so
 * that the number of series has a bound that no client can move.
 */
export const LABELS = {
  listener: CONFIGURED,
  route: CONFIGURED,
  identity: CONFIGURED,
  guard: CONFIGURED,
  protocol: CONFIGURED,
  certificate: CONFIGURED,
  transmitter: CONFIGURED,
  direction: ['client', 'server'],
  mode: ['enforced', 'observed'],
  code: REFUSAL_CODES,
  // 1005 and 1006 are never on the wire: they stand for a Close without a code, and for none at all.
  close: [...Object.keys(CLOSE_CODES), '1005', '1006'],
  decision: ['accepted', ...REFUSAL_CODES],
  success: ['done', 'failed'],
} as const satisfies Record<string, LabelValues>;

/** How many names the configuration may give to one label before the rest is counted as `other`. */
export const MAX_CONFIGURED = 1_000;
