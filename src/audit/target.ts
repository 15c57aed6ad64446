import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** What an audit acts on: one endpoint, resolved once, so that every probe meets the same machine. */
export interface Target {
  /** For reports: without a query, which may hold a secret. */
  readonly url: string;
  /** Of the URL, IPv6 without its brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query, as they stand in the request line. */
  readonly path: string;
  /** The IP address that all connections go to. */
  readonly address: string;
  /** What TLS is asked for; undefined where the host is an IP address (RFC 6066 §3). */
  readonly serverName: string | undefined;
  /** The Host field: without a port if it is 443. */
  readonly authority: string;
}

/** The URL is not one that can be audited; the message says why, in one line. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}

/**
 * Reads a URL and looks its host up, once.
 *
 * @throws TargetError if it is not `wss:`, or the host has no address.
 */
export async function resolveTarget(text: string, resolve = addressOf): Promise<Target> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'wss:' || url.hostname === '') {
    throw new TargetError(`${JSON.stringify(text)} is not a URL like wss://host/path`);
  }
  if (url.username !== '' || url.password !== '') throw new TargetError('a URL must not hold a credential');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? 443 : Number(url.port);
  return {
    url: `wss://${url.host}${url.pathname}${url.search === '' ? '' : '?…'}`,
    host,
    port,
    path: `${url.pathname}${url.search}`,
    address: await resolve(host),
    serverName: isIP(host) === 0 ? host : undefined,
    authority: url.host,
  };
}

async function addressOf(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (error) {
    throw new TargetError(`${host} has no address: ${(error as NodeJS.ErrnoException).code}`);
  }
}
