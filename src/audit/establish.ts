import { type Context, memory } from './context.ts';
import { type Answer, isOpened } from './probe/answer.ts';
import { type Asker, ask, Throttled } from './probe/ask.ts';
import { Unreachable } from './probe/connect.ts';
import type { Change } from './probe/request.ts';

/** Everything of a context that is known before the endpoint was asked anything. */
export interface Wanted extends Pick<Context, 'credentials' | 'watch' | 'signal' | 'notify'> {
  readonly asker: Asker;
}

/** Opens the endpoint as it wants to be opened. If it wants an Origin and none was given, its own is tried. */
export async function establish({ asker, credentials, watch, signal, notify }: Wanted): Promise<Context> {
  const context = { credentials, watch, signal, notify, ...asker, once: memory() };
  const first = await firstAnswer(asker);
  if (isOpened(first) || hasOrigin(asker)) {
    return { ...context, opening: first, anonymous: await withoutCredential(asker, first) };
  }
  const always = [...asker.login.always, ['Origin', `https://${asker.target.authority}`] as const];
  const own: Asker = { ...asker, login: { ...asker.login, always } };
  const second = await firstAnswer(own);
  const best = isOpened(second) ? { asker: own, opening: second } : { asker, opening: first };
  const anonymous = await withoutCredential(best.asker, best.opening);
  return { ...context, ...best.asker, opening: best.opening, anonymous };
}

function hasOrigin({ login }: Asker): boolean {
  return login.always.some(([name]) => name.toLowerCase() === 'origin');
}

/** TLS that cannot be spoken, and "later", are findings, not the end: then nothing opens, and the transport is still read. */
async function firstAnswer(asker: Asker, change: Change = {}): Promise<Answer> {
  try {
    return await ask(asker, change);
  } catch (error) {
    if (error instanceof Unreachable && error.isTls) return { kind: 'noise', ms: 0 };
    if (error instanceof Throttled) return { kind: 'head', status: error.status, fields: [], ms: 0 };
    throw error;
  }
}

async function withoutCredential(asker: Asker, opening: Answer): Promise<Answer> {
  return asker.login.token === undefined ? opening : firstAnswer(asker, { token: null });
}
