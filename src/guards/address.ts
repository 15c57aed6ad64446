import { z } from 'zod';
import { AddressSet, cidr } from '../pipeline/addresses.ts';
import { guardKind } from '../pipeline/guard.ts';
import { PASS, refuse } from '../pipeline/verdict.ts';

const networks = z.array(cidr).min(1);

/** Which client addresses a route lets in. A denied network wins over an allowed one that holds it. */
export const address = guardKind({
  name: 'address',
  options: {
    addresses: {
      allow: networks.optional().describe('Networks that may connect; any where left out.'),
      deny: networks.optional().describe('Networks that may not, even where allowed.'),
    },
  },

  create({ addresses }) {
    if (!addresses?.allow && !addresses?.deny) return undefined;
    const allowed = addresses.allow && new AddressSet(addresses.allow);
    const denied = addresses.deny && new AddressSet(addresses.deny);
    return {
      onUpgrade({ handshake }) {
        if (denied?.has(handshake.address))
          return refuse('address_denied', 'the address is in addresses.deny');
        if (allowed && !allowed.has(handshake.address)) {
          return refuse('address_denied', 'the address is not in addresses.allow');
        }
        return PASS;
      },
    };
  },
});
