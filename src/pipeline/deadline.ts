/** How long one guard may think, about an upgrade or about one message, in milliseconds. */
export const GUARD_TIMEOUT = 5_000;

/** Rejects with this when what was waited for did not come in time. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';

  constructor(what: string, ms: number) {
    super(`${what} did not answer within ${ms} ms`);
  }
}

/** The promise's own outcome, or a `DeadlineError` after `ms`. The work itself cannot be stopped, only no longer awaited. */
export function within<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DeadlineError(what, ms)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
