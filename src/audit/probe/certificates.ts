import { X509Certificate } from 'node:crypto';
import { type ConnectionOptions, type DetailedPeerCertificate, rootCertificates } from 'node:tls';
import type { Reach } from '../reach.ts';
import { connectSecure, tlsOf } from './connect.ts';
import { type OcspStatus, ocspStatus } from './ocsp.ts';

/** The certificates that a server shows, and what this Node thinks of them. */
export interface Served {
  /** The server's own first, as far as a chain could be built. Never empty. */
  readonly chain: readonly X509Certificate[];
  /** Why the chain is not trusted, as OpenSSL names it; undefined if it is. */
  readonly fault: string | undefined;
  /** What a stapled OCSP response says; undefined if none was. */
  readonly stapled: OcspStatus | undefined;
}

/** More than any chain has. */
const MAX_CHAIN = 12;

/** Reads the certificates off a full handshake. */
export async function readCertificates(reach: Reach): Promise<Served> {
  let stapled: OcspStatus | undefined;
  // The types of `tls.connect` leave requestOCSP out.
  const options: ConnectionOptions & { requestOCSP: true } = {
    requestOCSP: true,
    ca: [...(reach.trust.roots ?? rootCertificates)],
  };
  const wire = await connectSecure(reach, options, (socket) =>
    socket.on('OCSPResponse', (response: Buffer | null) => {
      if (response !== null && response.length > 0) stapled = ocspStatus(response);
    }),
  );
  const socket = tlsOf(wire);
  const chain = chainOf(socket.getPeerCertificate(true));
  // The types say Error; it is the code of OpenSSL.
  const fault = socket.authorized ? undefined : String(socket.authorizationError);
  wire.destroy();
  return { chain, fault, stapled };
}

function chainOf(first: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let each: DetailedPeerCertificate | undefined = first;
  while (each?.raw && chain.length < MAX_CHAIN) {
    chain.push(new X509Certificate(each.raw));
    each = each.issuerCertificate === each ? undefined : each.issuerCertificate;
  }
  return chain;
}
