import { identifyAsker } from './asker.ts';
import type { RouteOperation } from './operation.ts';

/**
 * Takes a new credential for an open session, wherever it lives: `{ expiresIn }`, in milliseconds, and nothing where it
 * does not run out. Nothing travels in the socket, so it works with any backend's protocol.
 */
export const refresh: RouteOperation = {
  id: 'refresh',
  method: 'POST',
  path: '/sessions/{id}/refresh',
  consumes: 'application/json',
  maxBytes: 4_096,
  deadline: 12_000,
  rate: 'refreshes',
  offered: (route) => route.refresh !== undefined,

  async run({ desk, route, handshake, params }) {
    const principal = await identifyAsker(route.identities, handshake, desk.services);
    if ('pass' in principal) return principal;
    const { host, path, origin, tls } = handshake;
    const offer = { principal, host, path, origin, certificate: tls.certificate?.fingerprint };
    const done = await desk.renewals.offer(params.id!, route, offer);
    if (!done.pass) return done;
    const { subject, tenant, identity } = principal;
    const deed = { identity, subject, ...(tenant !== undefined && { tenant }) };
    return { status: 200, body: { expiresIn: done.expiresIn }, deed };
  },
};
