import type { Check } from '../check.ts';
import { FRAMING_CHECKS } from './frames/framing.ts';
import { OPENING_CHECKS } from './handshake/opening.ts';
import { REQUEST_CHECKS } from './handshake/request.ts';
import { plaintext } from './transport/plaintext.ts';

/** Every check, in the order of the report. */
export const CHECKS: readonly Check[] = [plaintext, ...OPENING_CHECKS, ...REQUEST_CHECKS, ...FRAMING_CHECKS];
