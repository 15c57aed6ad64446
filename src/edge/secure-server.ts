import { createServer, type SecureContext, type Server, TLSSocket } from 'node:tls';
import type { TlsOptions } from '../config/listener.ts';
import type { Credentials } from './credentials.ts';
import { serverName } from './names.ts';

/** A fatal `unrecognized_name` (RFC 8446 §6), as a whole record: before any ServerHello, alerts are in the clear. */
const UNRECOGNIZED_NAME = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x70]);

/** Ends a handshake whose name nobody here has, with these bytes as the last. */
export type RefuseName = (socket: TLSSocket, alert: Buffer) => void;

type AnswerName = (error: Error | null, context?: SecureContext) => void;

/**
 * Speaks TLS with these credentials on sockets that are given to it with `emit('connection', socket)`; it does not
 * listen. New credentials get a new server: handshakes under way finish with what they began with.
 */
export function createSecureServer(
  credentials: Credentials,
  options: Pick<TlsOptions, 'unknownNames' | 'clientCertificates'>,
  refuseName: RefuseName,
): Server {
  return createServer({
    ...credentials.defaults,
    ALPNProtocols: ['http/1.1'],
    requestCert: credentials.trust !== undefined,
    rejectUnauthorized: options.clientCertificates?.require ?? false,
    SNICallback(this: unknown, sni: string, answer: AnswerName): void {
      const context = contextFor(credentials, sni);
      if (context || options.unknownNames === 'default') answer(null, context);
      else if (this instanceof TLSSocket) refuseName(this, UNRECOGNIZED_NAME);
      else answer(new Error('unrecognized name'));
    },
  });
}

/** Cannot throw: a callback of TLS that does ends the process in older versions of node. */
function contextFor(credentials: Credentials, sni: string): SecureContext | undefined {
  return credentials.contexts.find(serverName(sni));
}
