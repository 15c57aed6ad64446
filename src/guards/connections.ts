import { z } from 'zod';
import type { Candidate } from '../pipeline/connection.ts';
import { guardKind } from '../pipeline/guard.ts';
import { PASS, refuse } from '../pipeline/verdict.ts';
import type { PresenceScope } from '../store/presence.ts';
import { fail } from './fail.ts';

/** When a refused client may look again, in milliseconds: seats come free as others leave, not by waiting. */
const LOOK_AGAIN = 5_000;

const most = z.int().min(1).optional();

/**
 * How many connections of this route there may be: in all, and by subject, tenant and address (IPv6: by /64).
 * The seat of the one who asks is already counted. All who have no tenant are counted as one. Seats on other nodes count as
 * last heard of; while the shared store is away these are still counted (`local`), until they are too old.
 */
export const connections = guardKind({
  name: 'connections',
  options: {
    limits: {
      perRoute: { connections: most.describe('Connections of this route.') },
      perSubject: { connections: most.describe('Connections of one subject.') },
      perTenant: { connections: most.describe('Connections of one tenant.') },
      perAddress: { connections: most.describe('Connections from one address, or one IPv6 /64.') },
      fail: { connections: fail },
    },
  },

  create({ limits }, { route, services }) {
    const { presence, store, alone } = services;
    const away = limits?.fail?.connections ?? services.fail;
    const bounds = [
      bound('address', limits?.perAddress?.connections, ({ handshake }) => handshake.address),
      bound('subject', limits?.perSubject?.connections, ({ principal }) => principal.subject),
      bound('tenant', limits?.perTenant?.connections, ({ principal }) => principal.tenant ?? ''),
      bound('route', limits?.perRoute?.connections, () => ''),
    ].filter((one) => one !== undefined);
    if (bounds.length === 0) return undefined;
    return {
      onUpgrade(candidate) {
        if (!alone && away !== 'local' && store.trouble !== undefined) {
          return away === 'open' ? PASS : refuse('state_unavailable', 'limits.fail.connections is closed');
        }
        for (const { scope, limit, holder } of bounds) {
          const seats = presence.count(scope, route, holder(candidate));
          if (seats > limit) {
            const reason = `more than ${limit} connections of one ${scope}`;
            return refuse('connections_exceeded', reason, undefined, LOOK_AGAIN);
          }
        }
        return PASS;
      },
    };
  },
});

interface Bound {
  readonly scope: PresenceScope;
  readonly limit: number;
  readonly holder: (candidate: Candidate) => string;
}

function bound(scope: PresenceScope, limit: number | undefined, holder: Bound['holder']): Bound | undefined {
  return limit === undefined ? undefined : { scope, limit, holder };
}
