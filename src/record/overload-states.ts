/** The names of being short of something, and what is done about it. */
export const OVERLOAD_STATES = {
  shrinking:
    'The heap is nearly full: what can be found out again is forgotten, and silent sessions are ended.',
  full: 'The heap is full but for a reserve: nobody new is admitted.',
  delayed: 'The event loop comes round late: nobody new is admitted.',
} as const;

export type OverloadState = keyof typeof OVERLOAD_STATES;
