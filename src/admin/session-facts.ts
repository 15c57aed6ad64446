import type { Connection } from '../pipeline/connection.ts';
import type { Principal } from '../pipeline/principal.ts';

/** What operators may know of an open session: who and where, never its claims. Plain values, fit to be sent. */
export interface SessionFacts
  extends Pick<Connection, 'id' | 'route' | 'address' | 'origin' | 'host' | 'path' | 'protocol' | 'since'> {
  readonly principal: Pick<
    Principal,
    'identity' | 'subject' | 'tenant' | 'roles' | 'tokenId' | 'certificateSerial' | 'expiresAt' | 'emergency'
  >;
}

export function factsOf(session: Connection): SessionFacts {
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
  return { id, route, principal, address, origin, host, path, protocol, since };
}
