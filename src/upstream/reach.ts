import type { Dialled } from '../pipeline/dialled.ts';
import type { Refused } from '../pipeline/verdict.ts';
import type { Breaker } from './breaker.ts';
import { dial } from './dial.ts';
import type { DialRequest } from './request.ts';

/** Dials, if the breaker lets it, and tells the breaker what became of it. Never rejects. */
export async function reach(
  breaker: Breaker,
  request: DialRequest,
  signal: AbortSignal,
): Promise<Dialled | Refused> {
  const attempt = breaker.admit();
  if ('pass' in attempt) return attempt;
  const found = await dial(request, signal, attempt.connected);
  attempt.over('pass' in found && found.code !== 'client_left' ? found.reason : undefined);
  return found;
}
