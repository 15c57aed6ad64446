import type { TLSSocket } from 'node:tls';
import { serverName } from './names.ts';

/** The field of that name: who came by TLS once comes by TLS from then on. */
export const STRICT_TRANSPORT = 'Strict-Transport-Security';

/** How long a browser remembers, in milliseconds, or that it is told nothing. */
export type StrictTransport = number | 'none';

/**
 * The value of Strict-Transport-Security (RFC 6797 §6.1) for whoever is at the other end; empty for none. It is for the
 * name alone that TLS was asked for. Addresses get none, for browsers keep it for names (§8.1.1), and neither does
 * `localhost`: it would hold on every port, for programs that know nothing of TLS too (§8.3).
 */
export function strictTransportFor(socket: Pick<TLSSocket, 'servername'>, lasts: StrictTransport): string {
  const name = serverName(socket.servername || '');
  if (lasts === 'none' || name === '' || name === 'localhost' || name.endsWith('.localhost')) return '';
  return `max-age=${Math.floor(lasts / 1_000)}`;
}
