import type { Operation } from './operation.ts';

/** Everything that is served below `/.well-known/sallyport`, one row each. */
export const OPERATIONS: readonly Operation[] = [];
