import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** A network, parsed: the bytes of its address and how many leading bits count. */
export interface Cidr {
  readonly bytes: readonly number[];
  readonly bits: number;
}

/** `10.0.0.0/8`, `2001:db8::/32`, or one address. Bits beyond the prefix are an error: they are mostly a typo. */
export const cidr = z.string().transform((text, context): Cidr => {
  const parsed = parseCidr(text);
  if (typeof parsed !== 'string') return parsed;
  context.addIssue({ code: 'custom', message: parsed });
  return z.NEVER;
});

/** Reads an address or a network; an error is returned as a sentence. */
export function parseCidr(text: string): Cidr | string {
  const [address = '', prefix, more] = text.split('/') as [string, string?, string?];
  const bytes = bytesOf(address);
  if (!bytes || more !== undefined)
    return `${JSON.stringify(text)} is not an address or a network like 10.0.0.0/8`;
  const width = bytes.length * 8;
  if (prefix === undefined) return { bytes, bits: width };
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (!(bits <= width)) return `/${prefix} is not a prefix length of 0 to ${width}`;
  const masked = mask(bytes, bits);
  if (masked.some((byte, i) => byte !== bytes[i])) {
    return `${text} has bits beyond its prefix: ${ipaddr.fromByteArray(masked)}/${bits} is the network`;
  }
  return { bytes, bits };
}

/**
 * A set of networks that answers in one look-up for each prefix length it holds, however many networks there are.
 * IPv4 mapped into IPv6 is IPv4, in the set and in the question; a zone (`%eth0`) is not looked at.
 */
export class AddressSet {
  /** By number of bytes and then by prefix length. */
  readonly #networks = new Map<number, Map<number, Set<string>>>();

  constructor(networks: Iterable<Cidr>) {
    for (const { bytes, bits } of networks) {
      const family = getOrMake(this.#networks, bytes.length, () => new Map<number, Set<string>>());
      getOrMake(family, bits, () => new Set<string>()).add(keyOf(bytes));
    }
  }

  /** Whether the address is in one of the networks; what is not an address is in none. */
  has(address: string): boolean {
    if (this.#networks.size === 0) return false;
    const bytes = bytesOf(address);
    const family = bytes && this.#networks.get(bytes.length);
    if (!family) return false;
    for (const [bits, set] of family) if (set.has(keyOf(mask(bytes, bits)))) return true;
    return false;
  }
}

/**
 * The one text of an address: IPv4 in four decimals, IPv6 shortened and in lower case (RFC 5952), IPv4 mapped into
 * IPv6 as IPv4. Undefined for what is not an address, one with a zone included: a zone means nothing elsewhere.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text; // strict: no leading zeros, so it has no other text
  if (text.includes('%')) return undefined;
  const bytes = bytesOf(text);
  return bytes && ipaddr.fromByteArray([...bytes]).toString();
}

/**
 * The same for the peer of a socket. An IPv6 link-local address comes with a zone there (`%eth0`, RFC 4007 §11), which
 * names an interface of this machine and nothing of the peer: it is left out.
 */
export function peerAddress(text: string): string | undefined {
  return canonicalAddress(text.replace(/%.*$/s, ''));
}

/** Four bytes or sixteen; undefined for anything that is not an address in its usual text form. */
function bytesOf(text: string): number[] | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).toByteArray();
  if (text.length > 100 || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return (address.isIPv4MappedAddress() ? address.toIPv4Address() : address).toByteArray();
}

function mask(bytes: readonly number[], bits: number): number[] {
  return bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - i * 8))) & 0xff);
}

function keyOf(bytes: readonly number[]): string {
  return String.fromCharCode(...bytes);
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
