import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** How a server that cannot speak TLS answers a ClientHello: with a ServerHello of any make, or an alert. */
export interface HelloManners {
  /** 0x0300 to 0x0304: those that are answered. */
  readonly versions: readonly number[];
  readonly suites: readonly number[];
  /** Of an HelloRetryRequest, or of a key exchange on a curve. */
  readonly groups?: readonly number[];
  /** Length of the prime of DHE, in bytes. */
  readonly primeBytes?: number;
  readonly compression?: number;
  /** Takes a line in front of a ClientHello for one of a proxy. */
  readonly skipsLine?: boolean;
  /** Types of empty extensions in the ServerHello. */
  readonly extensions?: readonly number[];
}

interface ReadHello {
  readonly version: number;
  readonly suites: readonly number[];
  readonly groups: readonly number[];
}

/** Random bytes that say "retry" (RFC 8446 §4.1.3). */
const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');

/** Listens and answers each ClientHello as it is told; nothing ever comes of it. Resolves with its port and an end. */
export async function startHelloServer(manners: HelloManners): Promise<{ port: number; stop(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket
      .on('error', () => {})
      .once('data', (bytes: Buffer) => {
        const isProxied = manners.skipsLine && bytes[0] !== 22;
        const chunk = isProxied ? bytes.subarray(bytes.indexOf('\r\n') + 2) : bytes;
        if (chunk[0] === 22) socket.end(answerTo(readHello(chunk.subarray(5)), manners));
        else socket.destroy();
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function readHello(message: Buffer): ReadHello {
  let at = 38 + 1 + message[38]!;
  const suites = numbersIn(message.subarray(at + 2, at + 2 + message.readUInt16BE(at)));
  at += 2 + suites.length * 2;
  at += 1 + message[at]! + 2;
  let version = message.readUInt16BE(4);
  let groups: number[] = [];
  while (at + 4 <= message.length) {
    const body = message.subarray(at + 4, at + 4 + message.readUInt16BE(at + 2));
    if (message.readUInt16BE(at) === 43) version = body.readUInt16BE(1);
    if (message.readUInt16BE(at) === 10) groups = numbersIn(body.subarray(2));
    at += 4 + body.length;
  }
  return { version, suites, groups };
}

function answerTo(hello: ReadHello, manners: HelloManners): Buffer {
  const suite = manners.suites.find(
    (each) => hello.suites.includes(each) && (each >> 8 === 0x13) === (hello.version === 0x0304),
  );
  const group = (manners.groups ?? [0x1d]).find((each) => hello.groups.includes(each));
  if (!manners.versions.includes(hello.version) || suite === undefined) return record(21, [2, 40]);
  const is13 = hello.version === 0x0304;
  if (group === undefined && is13) return record(21, [2, 40]);
  const extensions = [
    ...(is13 ? [...extension(43, [3, 4]), ...extension(51, [group! >> 8, group! & 0xff])] : []),
    ...(manners.extensions ?? []).flatMap((type) => extension(type, [])),
  ];
  const body = [
    ...two(Math.min(hello.version, 0x0303)),
    ...(is13 ? RETRY : Buffer.alloc(32, 1)),
    0,
    ...two(suite),
    manners.compression ?? 0,
    ...two(extensions.length),
    ...extensions,
  ];
  const curve = group === undefined ? [] : [3, ...two(group)];
  const prime = manners.primeBytes ?? 0;
  const exchange = prime === 0 ? curve : [...two(prime), ...Buffer.alloc(prime, 0xff)];
  return record(22, [...message(2, body), ...(is13 ? [] : [...message(12, exchange), ...message(14, [])])]);
}

function message(type: number, body: readonly number[]): number[] {
  return [type, 0, ...two(body.length), ...body];
}

function extension(type: number, body: readonly number[]): number[] {
  return [...two(type), ...two(body.length), ...body];
}

function record(type: number, body: readonly number[]): Buffer {
  return Buffer.from([type, 3, 1, ...two(body.length), ...body]);
}

function two(value: number): number[] {
  return [value >> 8, value & 0xff];
}

function numbersIn(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readUInt16BE(2 * i));
}
