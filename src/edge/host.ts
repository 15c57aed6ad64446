import { canonicalAddress } from '../pipeline/addresses.ts';

/** One DNS name: labels of letters, digits, `-` and `_` (which real hosts use), at most 63 each. */
const NAME = /^(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*$/;

/**
 * The host of a Host field (RFC 9110 §7.2): lower case, no port, no trailing dot; an IPv6 address in canonical text
 * without its brackets. Undefined if it is not a host.
 */
export function hostOf(field: string): string | undefined {
  if (field.length > 300) return undefined;
  const [, bracketed, plain, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+))(?::(\d{0,5}))?$/.exec(field) ?? [];
  if (port !== undefined && Number(port) > 65_535) return undefined;
  if (bracketed !== undefined) return canonicalAddress(bracketed);
  return plain === undefined ? undefined : canonicalName(plain);
}

/** A DNS name, or an IPv4 address, in lower case and without one trailing dot; undefined if it is neither. */
export function canonicalName(text: string): string | undefined {
  const name = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase();
  return name.length <= 253 && NAME.test(name) ? name : undefined;
}
