import type { TLSSocket } from 'node:tls';
import type { ClientCertificate, TlsFacts } from '../pipeline/handshake.ts';
import { serverName } from './names.ts';

/** What TLS found out, and the client certificate if one was verified. */
export function tlsFactsOf(socket: TLSSocket, certificate: ClientCertificate | undefined): TlsFacts {
  // `false` where the client sent no name.
  const sni = socket.servername;
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().standardName,
    ...(sni && { serverName: serverName(sni) }),
    ...(certificate && { certificate }),
  };
}
