/** One value of DER (X.690): its tag, and what is in it. */
export interface Der {
  readonly tag: number;
  readonly body: Buffer;
}

/** Reads the values that stand one behind the other. What is cut off is left out. */
export function readDer(bytes: Buffer): Der[] {
  const values: Der[] = [];
  for (let at = 0; bytes.length >= at + 2; ) {
    const short = bytes[at + 1]!;
    const wide = short & 0x80 ? short & 0x7f : 0;
    if (wide > 4 || bytes.length < at + 2 + wide) break;
    const start = at + 2 + wide;
    const length = wide === 0 ? short : bytes.readUIntBE(at + 2, wide);
    if (bytes.length < start + length) break;
    values.push({ tag: bytes[at]!, body: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return values;
}

/** An object identifier with its dots. */
export function oidText(body: Buffer): string {
  const parts: number[] = [];
  let value = 0;
  for (const byte of body) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    parts.push(value);
    value = 0;
  }
  const [first = 0, ...rest] = parts;
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - 40 * top, ...rest].join('.');
}

/** An integer that fits a number. */
export function derInteger(body: Buffer): number {
  return body.length === 0 || body.length > 6 ? Number.NaN : body.readUIntBE(0, body.length);
}

/** The object identifier a certificate was signed with (RFC 5280 §4.1.1.2). */
export function signatureOid(certificate: Buffer): string {
  const [, algorithm] = readDer(readDer(certificate)[0]?.body ?? Buffer.alloc(0));
  const [oid] = readDer(algorithm?.body ?? Buffer.alloc(0));
  return oidText(oid?.body ?? Buffer.alloc(0));
}

/** The extensions of a certificate by their object identifiers (RFC 5280 §4.2): the value, without its OCTET STRING. */
export function certificateExtensions(certificate: Buffer): ReadonlyMap<string, Buffer> {
  const [body] = readDer(readDer(certificate)[0]?.body ?? Buffer.alloc(0));
  const field = readDer(body?.body ?? Buffer.alloc(0)).find(({ tag }) => tag === 0xa3);
  const list = readDer(field?.body ?? Buffer.alloc(0))[0]?.body ?? Buffer.alloc(0);
  const pairs = readDer(list).map(({ body: extension }): [string, Buffer] => {
    const [oid, ...rest] = readDer(extension);
    return [oidText(oid?.body ?? Buffer.alloc(0)), rest.at(-1)?.body ?? Buffer.alloc(0)];
  });
  return new Map(pairs);
}

/** What a TLS session tells of its ticket, read from OpenSSL's SSL_SESSION. */
export interface TicketFacts {
  /** How long the server says it is good for, in seconds; undefined if it says nothing. */
  readonly lifetime: number | undefined;
  /** Bytes of early data (0-RTT) that the server takes. */
  readonly earlyData: number;
}

/** Context tags of SSL_SESSION, which Node hands out as DER. */
const SESSION_TAG = { lifetimeHint: 0xa9, maxEarlyData: 0xaf } as const;

/** Reads a session as Node's `session` event gives it. */
export function ticketFacts(session: Buffer): TicketFacts {
  const fields = readDer(sessionBody(session));
  const numberAt = (tag: number): number | undefined => {
    const field = fields.find((each) => each.tag === tag);
    const value = field && readDer(field.body)[0];
    return value && derInteger(value.body);
  };
  return { lifetime: numberAt(SESSION_TAG.lifetimeHint), earlyData: numberAt(SESSION_TAG.maxEarlyData) ?? 0 };
}

/** Longest note in front of a session, in bytes: newer versions of Node say there what name it is for. */
const MAX_NOTE = 512;

/** What is in the SEQUENCE that ends where the session ends. */
function sessionBody(session: Buffer): Buffer {
  for (let at = 0; at < Math.min(MAX_NOTE, session.length); at++) {
    if (session[at] !== 0x30) continue;
    const values = readDer(session.subarray(at));
    const body = values[0]?.body;
    if (values.length === 1 && body && body.byteOffset + body.length === session.byteOffset + session.length)
      return body;
  }
  return Buffer.alloc(0);
}
