import type { AddressInfo, Server } from 'node:net';
import type { Address } from '../config/listener.ts';

/**
 * Connections that the system holds for us while we are busy. Some versions of libuv accept all of them in one turn of the
 * event loop, at 0.1 ms each; whoever finds no place asks again after a second by itself (RFC 6298), which costs us nothing.
 */
const BACKLOG = 512;

/** Opens an address. Rejects with an error that has a `code` (`EADDRINUSE`, `EACCES`) and leaves no listener behind. */
export function openAddress(server: Server, { host, port }: Address): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });
}
