import type { RefusalCode } from '../errors.ts';

export type MaybePromise<T> = T | Promise<T>;

/** What to do with a refused message: tell the sender, say nothing, or end the connection. */
export type RefusalAction = 'answer' | 'drop' | 'close';

/** How a message breaks its schema: too few or too many of a part, a part that is not known, a wrong type or value. */
export type Violation = 'occurrence' | 'extra' | 'type' | 'value';

export interface Pass {
  readonly pass: true;
}

export interface Refused {
  readonly pass: false;
  readonly code: RefusalCode;
  /** For the operator's log and, where a dialect can phrase it, the peer. Never a payload or a secret. */
  readonly reason: string;
  /** For messages; the route's `onInvalid` or `answer` where absent. */
  readonly action?: RefusalAction;
  /** How long the peer should wait before it tries again, in milliseconds. */
  readonly retryAfter?: number;
  /** Of a schema, where that is what refuses. */
  readonly violation?: Violation;
}

export type Verdict = Pass | Refused;

/** The one passing verdict: frozen and shared, so that the fast path allocates nothing. */
export const PASS: Pass = Object.freeze({ pass: true });

export function refuse(
  code: RefusalCode,
  reason: string,
  action?: RefusalAction,
  retryAfter?: number,
): Refused {
  return {
    pass: false,
    code,
    reason,
    ...(action !== undefined && { action }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as Promise<T>)?.then === 'function';
}
