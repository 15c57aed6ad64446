import type { AddressInfo, Server } from 'node:net';
import type { Address } from '../config/listener.ts';

/** Connections that the system holds for us while we are busy. */
const BACKLOG = 4_096;

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
