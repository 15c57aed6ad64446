import type { RequestRates } from '../../src/edge/arrival.ts';

const RATE = { count: 100, period: 1_000 };

/** More than any test asks by chance. */
export const RATES: RequestRates = { tickets: RATE, refreshes: RATE, events: RATE };
