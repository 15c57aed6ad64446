import { BEARER_PROTOCOL } from '../identity/token-source.ts';
import type { Handshake } from '../pipeline/handshake.ts';
import { identify } from '../pipeline/identify.ts';
import type { Principal } from '../pipeline/principal.ts';
import type { NamedIdentity } from '../pipeline/route.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import type { Services } from '../store/services.ts';

/**
 * Who asks, by the identities of the route, as at an upgrade. A request can set what an upgrade of a browser cannot: where
 * an identity reads tokens among the subprotocols, it finds here the one of Authorization.
 */
export async function identifyAsker(
  identities: readonly NamedIdentity[],
  handshake: Handshake,
  services: Services,
): Promise<Principal | Refused> {
  const principal = await identify(identities, offering(handshake), services);
  if ('pass' in principal) return principal;
  if (services.revocations.find({ ...principal, address: handshake.address }))
    return refuse('credential_revoked', 'revoked by an operator');
  if ((principal.expiresAt ?? Infinity) <= services.clock.now())
    return refuse('credential_expired', 'it ran out while it was checked');
  return principal;
}

function offering(handshake: Handshake): Handshake {
  const token = /^bearer +([^\s,]+)$/i.exec(handshake.headers.get('authorization') ?? '')?.[1];
  return token === undefined ? handshake : { ...handshake, protocols: [`${BEARER_PROTOCOL}${token}`] };
}
