import { canonicalAddress } from '../pipeline/addresses.ts';
import { listOf } from '../protocol/tokens.ts';

/** More hops than any real chain has. */
const MAX_HOPS = 64;

/** Whether an address is one of the proxies that are believed. */
export type IsTrusted = (address: string) => boolean;

/** A hop: an address in canonical text, or null where the proxy did not say (`unknown`, `_hidden`). */
type Hop = string | null;

/**
 * The client's address behind trusted proxies: from the peer leftwards, the first that is not a trusted proxy. What
 * stands further left was written by strangers and is not even looked at. A peer that is not trusted is the client,
 * whatever it says.
 *
 * With both Forwarded (RFC 7239) and X-Forwarded-For the two must agree: a proxy that writes only one of them passes
 * the other on from the client.
 *
 * @returns the address, or undefined if what had to be believed is garbage.
 */
export function clientAddress(
  peer: string,
  fields: ReadonlyMap<string, string>,
  isTrusted: IsTrusted,
): string | undefined {
  if (!isTrusted(peer)) return peer;
  const forwarded = fields.get('forwarded');
  const legacy = fields.get('x-forwarded-for');
  const one = forwarded === undefined ? undefined : walk(peer, elementsOf(forwarded), forOf, isTrusted);
  const other = legacy === undefined ? undefined : walk(peer, listOf(legacy), addressOf, isTrusted);
  if (forwarded === undefined && legacy === undefined) return peer;
  if (forwarded === undefined) return other;
  if (legacy === undefined) return one;
  return one === other ? one : undefined;
}

function walk(
  peer: string,
  hops: readonly string[] | undefined,
  read: (hop: string) => Hop | undefined,
  isTrusted: IsTrusted,
): string | undefined {
  if (!hops) return undefined;
  let address = peer;
  for (let i = hops.length - 1; i >= 0 && i >= hops.length - MAX_HOPS; i--) {
    const hop = read(hops[i]!);
    if (hop === undefined) return undefined;
    // The proxy hides whom it serves: it is itself the nearest that is known.
    if (hop === null) return address;
    address = hop;
    if (!isTrusted(address)) return address;
  }
  return address;
}

/** An entry of X-Forwarded-For: an address, perhaps with a port, IPv6 perhaps in brackets. */
function addressOf(text: string): Hop | undefined {
  if (text.length > 64) return undefined;
  const [, bracketed, plain] = /^(?:\[([^\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(text) ?? [];
  return canonicalAddress(bracketed ?? plain ?? text);
}

/** The `for` of one element of Forwarded: exactly one, a node of RFC 7239 §6. */
function forOf(element: string): Hop | undefined {
  const pairs = element.split(';').map((pair) => /^\s*for=(?:"([^"\\]*)"|([^\s"]*))\s*$/i.exec(pair));
  const named = pairs.filter((pair) => pair !== null);
  if (named.length !== 1) return undefined;
  const node = (named[0]![1] ?? named[0]![2])!;
  if (/^unknown(:|$)/i.test(node) || /^_[A-Za-z0-9._-]+(:|$)/.test(node)) return null;
  return addressOf(node);
}

/** Cuts Forwarded at commas outside of quotes; undefined if a quote is left open. */
function elementsOf(field: string): string[] | undefined {
  const pieces = field.split('"');
  if (pieces.length % 2 === 0) return undefined;
  // Inside of quotes (odd pieces) a comma is hidden, then all is cut at once.
  const hidden = pieces.map((piece, i) => (i % 2 === 1 ? piece.replaceAll(',', '\0') : piece)).join('"');
  return listOf(hidden).map((element) => element.replaceAll('\0', ','));
}
