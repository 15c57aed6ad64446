import type { Registry } from '../session/registry.ts';
import type { RevocationFile } from '../store/revocation-file.ts';
import type { Revocation, RevocationFacts, RevocationOrder } from '../store/revocations.ts';
import type { Services } from '../store/services.ts';

/** What a revocation reaches. */
export interface RevokeParts {
  readonly registry: Registry;
  readonly services: Services;
  /** Where revocations are kept; undefined where they end with the process. */
  readonly state: RevocationFile | undefined;
}

/** A revocation whose end nobody gave is kept so long, in milliseconds: longer than a credential should live. */
const REVOCATION_LIFE = 30 * 86_400_000;

/**
 * The one way to revoke, whoever asks for it: refuses these credentials at once, ends the sessions that they opened, and
 * resolves when that is kept.
 *
 * @throws RangeError when there is no room for another revocation.
 */
export async function revoke(
  order: RevocationOrder,
  { registry, services, state }: RevokeParts,
): Promise<RevocationFacts> {
  const { clock, recorder, revocations } = services;
  const now = clock.now();
  const revocation = { issuedBefore: now, until: now + REVOCATION_LIFE, ...order };
  revocations.add(revocation);
  const ended = endTouched(registry, services, revocation);
  try {
    await state?.save();
    return { ended, kept: state !== undefined };
  } catch (error) {
    recorder.event('gateway.fault', { where: 'state', error: String(error) });
    return { ended, kept: false, problem: (error as Error).message };
  }
}

/** Ends the sessions of this process whose credential is good no more, and says how many. */
function endTouched(
  registry: Registry,
  { revocations }: Services,
  { by, value }: Pick<Revocation, 'by' | 'value'>,
): number {
  let ended = 0;
  for (const session of registry.find({ [by]: value })) {
    const found = revocations.find(session.principal);
    if (!found) continue;
    session.end(found.renewable ? 'session_expired' : 'session_revoked');
    ended++;
  }
  return ended;
}
