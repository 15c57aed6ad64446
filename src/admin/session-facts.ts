import { z } from 'zod';
import type { Connection } from '../pipeline/connection.ts';
import type { Place } from '../store/members.ts';

const text = z.string().max(65_536);

/** What operators may know of an open session: who and where, never its claims. Plain values, fit to be sent. */
export const SESSION_FACTS = z.strictObject({
  id: text,
  /** Where it is held. */
  node: text,
  worker: z.int().exactOptional(),
  route: text,
  principal: z.strictObject({
    identity: text,
    subject: text,
    tenant: text.exactOptional(),
    roles: z.array(text).readonly(),
    tokenId: text.exactOptional(),
    certificateSerial: text.exactOptional(),
    expiresAt: z.number().exactOptional(),
    emergency: z.literal(true).exactOptional(),
  }),
  address: text,
  origin: text.exactOptional(),
  host: text,
  path: text,
  protocol: text,
  since: z.number(),
  /** It has lost its client, and waits for it. */
  parked: z.literal(true).exactOptional(),
});

export type SessionFacts = Readonly<z.output<typeof SESSION_FACTS>>;

/** What may know that its client is lost. */
type Shown = Connection & { readonly resumption?: { readonly parked: boolean } | undefined };

export function factsOf(session: Shown, { node, worker }: Pick<Place, 'node' | 'worker'>): SessionFacts {
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
  return {
    id,
    node,
    ...(worker !== undefined && { worker }),
    route,
    principal,
    address,
    ...(origin !== undefined && { origin }),
    host,
    path,
    protocol,
    since,
    ...(session.resumption?.parked === true && { parked: true }),
  };
}
