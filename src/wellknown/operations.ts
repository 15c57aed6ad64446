import { events } from './events.ts';
import type { Operation } from './operation.ts';
import { refresh } from './refresh.ts';
import { tickets } from './tickets.ts';

/** Everything that is served below `/.well-known/sallyport`, one row each. */
export const OPERATIONS: readonly Operation[] = [tickets, refresh, events];
