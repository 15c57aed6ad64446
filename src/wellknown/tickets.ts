import { issueTicket } from '../identity/ticket.ts';
import { refuse } from '../pipeline/verdict.ts';
import { identifyAsker } from './asker.ts';
import type { RouteOperation } from './operation.ts';

/**
 * Gives whoever shows a credential of the route a ticket for one socket: `{ ticket, expiresIn, session }`, the time in
 * milliseconds. It outlives the credential in no case.
 */
export const tickets: RouteOperation = {
  id: 'tickets',
  method: 'POST',
  path: '/tickets',
  consumes: 'application/json',
  maxBytes: 4_096,
  deadline: 12_000,
  rate: 'tickets',
  offered: (route) => route.tickets !== undefined,

  async run({ desk, route, handshake }) {
    const closed = desk.closedFor();
    if (closed) return refuse(closed, 'nobody is admitted at the moment');
    const principal = await identifyAsker(route.identities, handshake, desk.services);
    if ('pass' in principal) return principal;
    const { clock, store } = desk.services;
    const left = (principal.expiresAt ?? Infinity) - clock.now();
    const expiresIn = Math.floor(Math.min(route.tickets!.lifetime, left));
    const issued = await issueTicket({ store, route }, principal, handshake, expiresIn);
    if ('pass' in issued) return issued;
    const { session } = issued;
    const { subject, tenant, identity } = principal;
    const deed = { session, identity, subject, ...(tenant !== undefined && { tenant }) };
    return { status: 201, body: { ...issued, expiresIn }, deed };
  },
};
