import type { Connection } from '../pipeline/connection.ts';
import type { Principal } from '../pipeline/principal.ts';

/** What operators may know of an open session: who and where, never its claims. Plain values, fit to be sent. */
export interface SessionFacts
  extends Pick<Connection, 'id' | 'route' | 'address' | 'origin' | 'host' | 'path' | 'protocol' | 'since'> {
  readonly principal: Pick<
    Principal,
    'identity' | 'subject' | 'tenant' | 'roles' | 'tokenId' | 'certificateSerial' | 'expiresAt' | 'emergency'
  >;
  /** Whether it has lost its client, and waits for it. */
  readonly parked?: true;
}

/** What may know that its client is lost. */
type Shown = Connection & { readonly resumption?: { readonly parked: boolean } | undefined };

export function factsOf(session: Shown): SessionFacts {
  const { id, route, address, origin, host, path, protocol, since } = session;
  const { identity, subject, tenant, roles, tokenId, certificateSerial, expiresAt, emergency } =
    session.principal;
  const principal = {
    identity,
    subject,
    ...(tenant !== undefined && { tenant }),
    roles: [...roles],
    ...(tokenId !== undefined && { tokenId }),
    ...(certificateSerial !== undefined && { certificateSerial }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(emergency && { emergency }),
  };
  const parked = session.resumption?.parked === true;
  const facts = { id, route, principal, address, origin, host, path, protocol, since };
  return parked ? { ...facts, parked } : facts;
}
