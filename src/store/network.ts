import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * What one holder of an address is counted by: an IPv4 address itself, an IPv6 address by its /64, since whoever has
 * one address there has 2^64 of them (RFC 6177 section 2). IPv4 mapped into IPv6 counts as IPv4.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1]!;
  const bare = address.replace(/%.*$/, '');
  const [head = '', tail] = bare.split('::') as [string, string?];
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined && groups.length < 4) {
    const after = tail === '' ? [] : tail.split(':');
    // An IPv4 tail stands for two groups.
    const width = after.length + (tail.includes('.') ? 1 : 0);
    while (groups.length < 8 - width) groups.push('0');
    groups.push(...after);
  }
  const first = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${first.join(':')}::/64`;
}

/**
 * The network of so many leading bits that an address is in, in its one text: `192.0.2.0/24`, `2001:db8::/32`. IPv4 mapped
 * into IPv6 counts as IPv4. Undefined for what is no address, or has not so many bits.
 */
export function networkName(address: string, bits: number): string | undefined {
  if (!ipaddr.isValid(address)) return undefined;
  const bytes = ipaddr.process(address).toByteArray();
  if (bits > bytes.length * 8) return undefined;
  const masked = bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - i * 8))) & 0xff);
  return `${ipaddr.fromByteArray(masked)}/${bits}`;
}
