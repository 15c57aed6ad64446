import { createHash } from 'node:crypto';
import { suiteOf } from './tls-names.ts';

/** What a server answered a ClientHello with, as far as it can be read without a key. */
export interface ServerHello {
  readonly kind: 'hello';
  /** That was chosen: of supported_versions, where it is there. */
  readonly version: number;
  readonly suite: number;
  /** 0 for none. */
  readonly compression: number;
  /** By type. */
  readonly extensions: ReadonlyMap<number, Buffer>;
  /** Of a HelloRetryRequest or of an ECDHE key exchange: the group. */
  readonly group: number | undefined;
  /** Of a DHE key exchange: the length of the prime, in bits. */
  readonly primeBits: number | undefined;
}

/** What came of a ClientHello. */
export type HelloAnswer =
  | ServerHello
  | { readonly kind: 'alert'; readonly alert: number }
  | { readonly kind: 'ended' | 'silent' | 'noise' };

const RECORD = { alert: 21, handshake: 22 } as const;
const MESSAGE = { serverHello: 2, serverKeyExchange: 12, serverHelloDone: 14 } as const;
const EXTENSION = { supportedVersions: 43, keyShare: 51 } as const;

/** What stands in place of the random bytes of a HelloRetryRequest (RFC 8446 §4.1.3). */
const RETRY = createHash('sha256').update('HelloRetryRequest').digest();

/**
 * Reads the answer to a ClientHello. Undefined as long as more may come that matters: of TLS 1.2 and older that is the
 * ServerKeyExchange, for its group.
 */
export function readServerHello(bytes: Buffer, ended: boolean): HelloAnswer | undefined {
  const messages: Buffer[] = [];
  let at = 0;
  while (bytes.length >= at + 5) {
    const type = bytes[at]!;
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    if ((type !== RECORD.alert && type !== RECORD.handshake) || bytes[at + 1] !== 3) {
      return readMessages(Buffer.concat(messages), true) ?? { kind: 'noise' };
    }
    if (bytes.length < end) break;
    const body = bytes.subarray(at + 5, end);
    if (type === RECORD.alert)
      return readMessages(Buffer.concat(messages), true) ?? { kind: 'alert', alert: body[1] ?? 0 };
    messages.push(body);
    at = end;
  }
  const found = readMessages(Buffer.concat(messages), ended);
  if (found || !ended) return found;
  return { kind: bytes.length > 0 ? 'noise' : 'ended' };
}

/** @param complete nothing more will come: what is there must do */
function readMessages(bytes: Buffer, complete: boolean): ServerHello | undefined {
  let hello: ServerHello | undefined;
  let at = 0;
  while (bytes.length >= at + 4) {
    const type = bytes[at]!;
    const end = at + 4 + bytes.readUIntBE(at + 1, 3);
    if (bytes.length < end) break;
    const body = bytes.subarray(at + 4, end);
    if (type === MESSAGE.serverHello) hello = parseHello(body);
    if (hello?.version === 0x0304) return hello;
    if (hello && type === MESSAGE.serverKeyExchange) return { ...hello, ...keyExchange(body, hello.suite) };
    if (type === MESSAGE.serverHelloDone) return hello;
    at = end;
  }
  return complete ? hello : undefined;
}

/** RFC 8446 §4.1.3. Undefined for what ends before it should. */
function parseHello(body: Buffer): ServerHello | undefined {
  if (body.length < 38) return undefined;
  const random = body.subarray(2, 34);
  const at = 35 + body[34]!;
  if (body.length < at + 3) return undefined;
  const extensions = parseExtensions(body.subarray(at + 5));
  const chosen = extensions.get(EXTENSION.supportedVersions);
  const share = extensions.get(EXTENSION.keyShare);
  return {
    kind: 'hello',
    version: chosen && chosen.length >= 2 ? chosen.readUInt16BE(0) : body.readUInt16BE(0),
    suite: body.readUInt16BE(at),
    compression: body[at + 2]!,
    extensions,
    group: random.equals(RETRY) && share && share.length >= 2 ? share.readUInt16BE(0) : undefined,
    primeBits: undefined,
  };
}

function parseExtensions(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; bytes.length >= at + 4; ) {
    const end = at + 4 + bytes.readUInt16BE(at + 2);
    if (bytes.length < end) break;
    found.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, end));
    at = end;
  }
  return found;
}

/** ECParameters of a named curve (RFC 8422 §5.4), or the prime of ServerDHParams (RFC 5246 §7.4.3). */
function keyExchange(body: Buffer, suite: number): Pick<ServerHello, 'group' | 'primeBits'> {
  if (suiteOf(suite).name.includes('_ECDH')) {
    const group = body.length >= 3 && body[0] === 3 ? body.readUInt16BE(1) : undefined;
    return { group, primeBits: undefined };
  }
  const length = body.length >= 2 ? body.readUInt16BE(0) : 0;
  const prime = body.subarray(2, 2 + length);
  const leading = prime.findIndex((byte) => byte !== 0);
  if (leading < 0) return { group: undefined, primeBits: undefined };
  return { group: undefined, primeBits: (prime.length - leading) * 8 - Math.clz32(prime[leading]!) + 24 };
}
