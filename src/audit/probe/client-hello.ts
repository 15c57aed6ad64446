import { randomBytes } from 'node:crypto';
import { KEY_GROUPS } from './tls-names.ts';

/** A ClientHello to be sent. It never finishes a handshake: what is asked is answered before any key is needed. */
export interface Hello {
  /** 0x0300 to 0x0304. */
  readonly version: number;
  /** In order of preference. */
  readonly suites: readonly number[];
  /** Undefined where the host is an IP address. */
  readonly serverName: string | undefined;
  /** All known where absent. */
  readonly groups?: readonly number[];
  readonly alpn?: readonly string[];
  /** Bytes in front of it. */
  readonly before?: Buffer;
  /** Offers DEFLATE beside no compression. */
  readonly compression?: true;
}

const EXTENSION = {
  serverName: 0,
  statusRequest: 5,
  groups: 10,
  pointFormats: 11,
  signatures: 13,
  alpn: 16,
  extendedMasterSecret: 23,
  sessionTicket: 35,
  supportedVersions: 43,
  pskModes: 45,
  keyShare: 51,
  renegotiationInfo: 0xff01,
} as const;

/** RFC 8446 §4.2.3, with the old ones that RFC 5246 had: a certificate of any kind should do. */
const SIGNATURES = [
  0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501,
  0x0601, 0x0303, 0x0301, 0x0203, 0x0201, 0x0402,
];

const NOTHING = Buffer.alloc(0);

/** Writes a ClientHello in one record (RFC 8446 §4.1.2; RFC 5246 §7.4.1.2). */
export function encodeHello(hello: Hello): Buffer {
  const legacy = Math.min(hello.version, 0x0303);
  const isOldest = hello.version === 0x0300; // SSL 3.0 has no extensions
  const body = Buffer.concat([
    number(legacy, 2),
    randomBytes(32),
    vector(1, randomBytes(32)),
    vector(2, numbers(hello.suites)),
    vector(1, Buffer.from(hello.compression ? [1, 0] : [0])),
    ...(isOldest ? [] : [vector(2, Buffer.concat(extensionsOf(hello)))]),
  ]);
  const message = Buffer.concat([Buffer.from([1]), number(body.length, 3), body]);
  const record = Math.min(hello.version, 0x0301);
  return Buffer.concat([hello.before ?? NOTHING, Buffer.from([22]), number(record, 2), vector(2, message)]);
}

function extensionsOf(hello: Hello): Buffer[] {
  const { serverName, alpn, version } = hello;
  const groups = hello.groups ?? Object.keys(KEY_GROUPS).map(Number);
  return [
    ...(serverName === undefined
      ? []
      : [extension(EXTENSION.serverName, vector(2, Buffer.from([0]), vector(2, Buffer.from(serverName))))]),
    extension(EXTENSION.groups, vector(2, numbers(groups))),
    extension(EXTENSION.pointFormats, vector(1, Buffer.from([0]))),
    extension(EXTENSION.signatures, vector(2, numbers(SIGNATURES))),
    ...(alpn === undefined
      ? []
      : [extension(EXTENSION.alpn, vector(2, ...alpn.map((name) => vector(1, Buffer.from(name)))))]),
    extension(EXTENSION.extendedMasterSecret),
    extension(EXTENSION.sessionTicket),
    extension(EXTENSION.renegotiationInfo, vector(1)),
    ...(version === 0x0304 ? tls13Extensions() : []),
  ];
}

/** Without a key share the server names the group it wants (RFC 8446 §4.2.8): no arithmetic of ours is needed. */
function tls13Extensions(): Buffer[] {
  return [
    extension(EXTENSION.supportedVersions, vector(1, number(0x0304, 2))),
    extension(EXTENSION.pskModes, vector(1, Buffer.from([1]))),
    extension(EXTENSION.keyShare, vector(2)),
  ];
}

function extension(type: number, ...body: readonly Buffer[]): Buffer {
  return Buffer.concat([number(type, 2), vector(2, ...body)]);
}

/** A vector with its length in so many bytes before it (RFC 8446 §3.4). */
function vector(lengthBytes: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([number(body.length, lengthBytes), body]);
}

function numbers(values: readonly number[]): Buffer {
  return Buffer.concat(values.map((value) => number(value, 2)));
}

function number(value: number, bytes: number): Buffer {
  const field = Buffer.alloc(bytes);
  field.writeUIntBE(value, 0, bytes);
  return field;
}
