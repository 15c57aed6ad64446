import { z } from 'zod';
import { address } from './listener.ts';

/** How nodes meet, so that a client finds its session wherever it comes back. */
export const cluster = z.strictObject({
  address: address.describe(
    'Where other nodes connect, on a network of their own; of several workers the first listens here, and each of the others one port further.',
  ),
  advertise: z
    .string()
    .regex(/^[^\s:]+$|^\[[0-9a-f:.]+\]$/i, 'a host name or address, without a port; IPv6 in brackets')
    .optional()
    .describe('The host by which the others reach this node. Left out, the address itself.'),
  cert: z.string().min(1).describe('A PEM file with this node’s certificate.'),
  key: z.string().min(1).describe('A PEM file with its key.'),
  ca: z
    .string()
    .min(1)
    .describe(
      'A PEM file with the authority of the cluster, which has no other purpose: whoever has a certificate of it is a node.',
    ),
});
