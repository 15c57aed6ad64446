import { isIP } from 'node:net';
import { z } from 'zod';
import { address } from './listener.ts';

const token = z
  .string()
  .min(16)
  .max(512)
  .regex(/^[!-~]+$/, 'printable ASCII without spaces');

const file = z.string().min(1, 'the name of a file');

/** The listener for operators. What it says and does is worth a token at least, and TLS where others could listen in. */
export const admin = z
  .strictObject({
    address: address
      .prefault('127.0.0.1:9900')
      .describe('Where the admin listener is; on loopback by default.'),
    token: token.describe('The bearer token that opens the whole admin API, at least 16 characters.'),
    metricsToken: token.optional().describe('A further token that reads /metrics and nothing else.'),
    hosts: z
      .array(z.hostname().toLowerCase())
      .max(100)
      .prefault([])
      .describe('Names under which it is reached; `localhost` and addresses need not be listed.'),
    tls: z
      .strictObject({
        cert: file.describe('PEM: the certificate, then its intermediates.'),
        key: file.describe('PEM: the private key of the certificate.'),
      })
      .optional()
      .describe('Left out, the admin listener speaks plain HTTP, which is for loopback alone.'),
    dangerouslyWithoutTls: z
      .boolean()
      .prefault(false)
      .describe(
        'Accept plain HTTP on an address that others can reach: tokens then cross the network in the clear.',
      ),
  })
  .check(({ value, issues }) => {
    if (!value.tls && !value.dangerouslyWithoutTls && !isLoopback(value.address.host)) {
      issues.push({
        code: 'custom',
        path: ['address'],
        message: 'others can reach this address, and without TLS they can read the token',
        input: value.address,
      });
    }
    if (value.metricsToken === value.token) {
      issues.push({
        code: 'custom',
        path: ['metricsToken'],
        message: 'is the same as the token that opens everything',
        input: undefined,
      });
    }
  });

export type AdminConfig = Readonly<z.output<typeof admin>>;

/** Whether only this machine can reach an address to listen on. A name other than `localhost` may be anywhere. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
