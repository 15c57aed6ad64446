import type { Recorder } from '../record/recorder.ts';
import type { Clock } from '../store/clock.ts';
import { within } from './deadline.ts';
import type { Handshake } from './handshake.ts';
import { type Identification, isRefused, NOT_MINE } from './identity.ts';
import type { Principal } from './principal.ts';
import type { NamedIdentity } from './route.ts';
import { isPromise, type Refused, refuse } from './verdict.ts';

/** How long one identity may take, its own requests to a provider included, in milliseconds. */
const IDENTITY_TIMEOUT = 10_000;

/**
 * Asks the identities in order: the first that is responsible decides. When none is, or one throws or is too slow, the
 * answer is no.
 */
export async function identify(
  identities: readonly NamedIdentity[],
  handshake: Handshake,
  { recorder, clock }: { recorder: Recorder; clock: Clock },
): Promise<Principal | Refused> {
  for (const named of identities) {
    const begun = clock.monotonic();
    const found = await ask(named, handshake, recorder);
    if (found === NOT_MINE) continue;
    recorder.event('identity.answered', {
      identity: named.name,
      outcome: isRefused(found) ? found.code : 'accepted',
      seconds: (clock.monotonic() - begun) / 1_000,
    });
    return found;
  }
  return refuse('credential_missing', 'no identity of this route found a credential of its kind');
}

async function ask(
  { name, identity, lastResort }: NamedIdentity,
  handshake: Handshake,
  recorder: Recorder,
): Promise<Identification> {
  try {
    const answer = identity.identify(handshake);
    const found = isPromise(answer) ? await within(answer, IDENTITY_TIMEOUT, `identity ${name}`) : answer;
    if (!lastResort || !isAway(found)) return found;
    const better = lastResort.reconsider(name, identity, handshake, found);
    return await within(better, IDENTITY_TIMEOUT, `identity ${name} in an emergency`);
  } catch (error) {
    recorder.event('gateway.fault', { where: `identity ${name}`, error: String(error) });
    return refuse('internal', `identity ${name} failed`);
  }
}

function isAway(found: Identification): found is Refused {
  return found !== NOT_MINE && isRefused(found) && found.code === 'identity_unavailable';
}
