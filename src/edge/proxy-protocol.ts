import { canonicalAddress } from '../pipeline/addresses.ts';

/** What a PROXY header says of the connection behind it. */
export interface ProxyHeader {
  /** The client's address in canonical text; undefined where the proxy speaks for itself (LOCAL, UNKNOWN, AF_UNIX). */
  readonly source: string | undefined;
  /** Bytes of the header; what follows is TLS. */
  readonly length: number;
}

/** `PROXY TCP6`, two addresses and two ports, CRLF: the specification's longest version 1 header. */
const MAX_V1 = 107;
/** Room for addresses and TLVs, a client certificate's names included; the specification asks for 536 at least. */
const MAX_V2 = 4_096;
const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const V1 = Buffer.from('PROXY ', 'latin1');

/**
 * Reads a PROXY header of version 1 or 2 from the first bytes of a connection.
 * The specification is HAProxy's proxy-protocol.txt, sections 2.1 and 2.2.
 *
 * @returns the header; `'more'` if it is not whole yet; `'invalid'` if this is none.
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | 'more' | 'invalid' {
  if (startsLike(bytes, SIGNATURE)) return readV2(bytes);
  if (startsLike(bytes, V1)) return readV1(bytes);
  return 'invalid';
}

/** Whether the bytes begin with the mark, as far as they go. */
function startsLike(bytes: Buffer, mark: Buffer): boolean {
  const length = Math.min(bytes.length, mark.length);
  return bytes.compare(mark, 0, length, 0, length) === 0;
}

function readV1(bytes: Buffer): ProxyHeader | 'more' | 'invalid' {
  const end = bytes.subarray(0, MAX_V1).indexOf('\r\n');
  if (end < 0) return bytes.length < MAX_V1 ? 'more' : 'invalid';
  const [, family, ...rest] = bytes.toString('latin1', 0, end).split(' ') as [string, string?, ...string[]];
  const length = end + 2;
  if (family === 'UNKNOWN') return { source: undefined, length };
  const [source = '', destination = '', sourcePort, destinationPort, more] = rest;
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : 0;
  const valid =
    more === undefined &&
    isWritten(source, version) &&
    isWritten(destination, version) &&
    isPort(sourcePort) &&
    isPort(destinationPort);
  return valid ? { source: canonicalAddress(source)!, length } : 'invalid';
}

function isWritten(address: string, version: number): boolean {
  return (
    canonicalAddress(address) !== undefined && address.includes(':') === (version === 6) && version !== 0
  );
}

function isPort(text: string | undefined): boolean {
  return text !== undefined && /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

/** Where the source address stands in a version 2 header, and the bytes that both addresses and ports take. */
const FAMILIES: Readonly<Record<number, { address: number; block: number }>> = {
  1: { address: 4, block: 12 }, // AF_INET
  2: { address: 16, block: 36 }, // AF_INET6
};
const UNSPECIFIED = 0;
const UNIX = 3;
const UNIX_BLOCK = 216;
const STREAM = 1;

function readV2(bytes: Buffer): ProxyHeader | 'more' | 'invalid' {
  if (bytes.length < 16) return 'more';
  const command = bytes[12]!;
  const family = bytes[13]! >> 4;
  const transport = bytes[13]! & 0x0f;
  const size = bytes.readUInt16BE(14);
  const length = 16 + size;
  if (command >> 4 !== 2 || (command & 0x0f) > 1 || length > MAX_V2) return 'invalid';
  if (bytes.length < length) return 'more';
  // LOCAL: the proxy's own health check. Whatever addresses it carries are to be ignored.
  if ((command & 0x0f) === 0) return { source: undefined, length };
  if (family === UNSPECIFIED) return { source: undefined, length };
  const block = family === UNIX ? UNIX_BLOCK : FAMILIES[family]?.block;
  if (block === undefined || size < block || transport !== STREAM) return 'invalid';
  if (!tlvsFit(bytes.subarray(16 + block, length))) return 'invalid';
  const width = FAMILIES[family]?.address;
  return {
    source: width === undefined ? undefined : addressFrom(bytes.subarray(16, 16 + width)),
    length,
  };
}

/** Type-length-value triples that fill their room exactly. What they say is not used. */
function tlvsFit(bytes: Buffer): boolean {
  let at = 0;
  while (at + 3 <= bytes.length) at += 3 + bytes.readUInt16BE(at + 1);
  return at === bytes.length;
}

function addressFrom(bytes: Buffer): string | undefined {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  return canonicalAddress(groups.join(':'));
}
