import { isIP } from 'node:net';
import { z } from 'zod';
import { cidr } from '../pipeline/addresses.ts';
import { duration, rate, size } from '../pipeline/units.ts';
import { name } from './name.ts';

/** Where to listen. */
export interface Address {
  /** An IP address, or a name that resolves to one. IPv6 without its brackets. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** `0.0.0.0:8443`, `[::]:8443` or `localhost:8443`. */
export const address = z.string().transform((text, context): Address => {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535 || (bracketed !== undefined && isIP(bracketed) !== 6)) {
    context.addIssue({ code: 'custom', message: 'an address and a port like 0.0.0.0:8443 or [::]:8443' });
    return z.NEVER;
  }
  return { host, port };
});

const file = z.string().min(1, 'the name of a file');
const count = z.int().min(1);

const certificate = z.strictObject({
  cert: file.describe('PEM: the certificate, then its intermediates.'),
  key: file.describe('PEM: the private key of the certificate.'),
  passphrase: z.string().min(1).optional().describe('Of an encrypted key.'),
});

const clientCertificates = z.strictObject({
  ca: file.describe('PEM: the authorities whose client certificates are trusted, and no others.'),
  crl: file.optional().describe('PEM or DER: a revocation list of every authority in `ca`.'),
  require: z
    .boolean()
    .default(false)
    .describe('Refuse connections without a certificate during the TLS handshake.'),
});

const tls = z.strictObject({
  certificates: z
    .array(certificate)
    .min(1, 'at least one certificate')
    .describe('Chosen by SNI, the first is the default. All of one listener are one trust domain.'),
  minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.2').describe('The oldest TLS that is spoken.'),
  unknownNames: z
    .enum(['refuse', 'default'])
    .default('refuse')
    .describe('What a client gets that asks for a name no certificate has: an alert, or the default.'),
  roots: file
    .optional()
    .describe('PEM: every chain in `certificates` must end in one of these. Left out, no root is required.'),
  clientCertificates: clientCertificates.optional(),
  strictTransportSecurity: z
    .union([z.literal('none'), duration])
    .prefault('730d')
    .describe(
      'How long browsers come to this host by TLS alone, on any port (RFC 6797): `0s` has them forget, `none` says nothing. Never said of `localhost`.',
    ),
});

const perAddress = z.strictObject({
  connections: count.default(100).describe('Open at once.'),
  handshakes: rate.prefault('20/s').describe('Connections that are opened.'),
  tickets: rate.prefault('20/s').describe('Requests for a ticket, refused ones and preflights included.'),
  refreshes: rate.prefault('20/s').describe('The same for requests that bring a new credential.'),
  events: rate.prefault('50/s').describe('The same for security event tokens.'),
});

const limits = z.strictObject({
  connections: count.default(20_000).describe('Open at once, those that are not yet admitted included.'),
  handshakeTimeout: duration
    .prefault('10s')
    .refine((ms) => ms >= 100 && ms <= 60_000, 'between 100ms and 60s')
    .describe('From the TCP connection to the end of the HTTP header, TLS included.'),
  perAddress: perAddress.prefault({}).describe('An IPv6 address counts by its /64.'),
  headerBytes: size
    .prefault('16KiB')
    .refine((bytes) => bytes >= 1_024 && bytes <= 1_048_576, 'between 1KiB and 1MiB')
    .describe('Of the whole HTTP header, the request line included.'),
  headers: count.max(2_000).default(100).describe('Fields in the HTTP header.'),
  targetBytes: size.prefault('8KiB').describe('Of path and query together.'),
  earlyData: size
    .prefault('4KiB')
    .refine((bytes) => bytes <= 16_384, 'at most 16KiB')
    .describe('Sent behind the request before it was answered; held, and delivered after admission.'),
});

/** One entry of `listeners`. */
export const listener = z
  .strictObject({
    address: address.describe('Where to listen.'),
    tls,
    trustedProxies: z
      .array(cidr)
      .default([])
      .describe('Forwarded, X-Forwarded-For and PROXY protocol are believed from these alone.'),
    proxyProtocol: z
      .boolean()
      .default(false)
      .describe('Every connection from a trusted proxy begins with a PROXY header, version 1 or 2.'),
    limits: limits.prefault({}),
  })
  .refine((options) => !options.proxyProtocol || options.trustedProxies.length > 0, {
    path: ['proxyProtocol'],
    message: 'needs trustedProxies: a PROXY header is believed from those alone',
  });

/** `listeners` of the configuration, by name. */
export const listeners = z.record(name, listener);

export type ListenerOptions = z.output<typeof listener>;
export type TlsOptions = ListenerOptions['tls'];
export type EdgeLimits = ListenerOptions['limits'];
