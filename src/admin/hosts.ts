import { isIP } from 'node:net';

/**
 * Whether a Host field names this listener: `localhost`, any IP address, or a name that the configuration lists.
 * DNS rebinding makes a browser send a foreign name to a private address; an address as Host cannot be rebound.
 */
export function isOwnHost(host: string, names: readonly string[]): boolean {
  const [, bracketed, plain = ''] = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/@]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  if (bracketed !== undefined) return isIP(bracketed) === 6;
  const name = plain.toLowerCase().replace(/\.$/, '');
  return isIP(name) === 4 || name === 'localhost' || names.includes(name);
}
