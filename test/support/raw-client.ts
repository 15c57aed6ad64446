import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { readHead } from './raw-head.ts';
import { type PeerOptions, RawPeer, ridesOn } from './raw-peer.ts';

export interface RawTarget {
  readonly port: number;
  readonly host?: string;
  /** Speaks TLS with these options; plain TCP where absent. */
  readonly tls?: ConnectionOptions;
}

export interface RawUpgrade extends RawTarget, Omit<PeerOptions, 'client'> {
  readonly path?: string;
  /** Added to those of the upgrade, in order; a name that the upgrade has replaces it, and `null` leaves it out. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Bytes sent in the same write as the request. */
  readonly early?: Buffer;
}

/** The answer to an upgrade that was not a 101. */
export class UpgradeRefused extends Error {
  override readonly name = 'UpgradeRefused';
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;

  constructor(status: number, headers: ReadonlyMap<string, string>) {
    super(`the upgrade was answered with ${status}`);
    this.status = status;
    this.headers = headers;
  }
}

/** An open WebSocket whose client side is ours to bend. */
export interface RawClient {
  readonly peer: RawPeer;
  /** Fields of the 101, names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Connects, over TLS if asked, and sends nothing. Rejects if the connection or its TLS handshake fails. */
export async function connectRaw(target: RawTarget): Promise<Duplex> {
  const host = target.host ?? '127.0.0.1';
  const tcp: Socket = connectTcp({ port: target.port, host, noDelay: true, allowHalfOpen: true });
  await once(tcp, 'connect');
  if (!target.tls) return tcp;
  const secure = connectTls({ servername: 'localhost', ...target.tls, socket: tcp });
  ridesOn(secure, tcp);
  await once(secure, 'secureConnect');
  return secure;
}

/**
 * Opens a WebSocket: connects, upgrades, and checks the accept key (RFC 6455 §4.1).
 *
 * @throws UpgradeRefused when the answer is not a 101.
 */
export async function openRaw(upgrade: RawUpgrade): Promise<RawClient> {
  const socket = await connectRaw(upgrade);
  const key = randomBytes(16).toString('base64');
  const request = Buffer.from(requestText(upgrade, key), 'latin1');
  socket.write(upgrade.early ? Buffer.concat([request, upgrade.early]) : request);
  const { start, headers, rest } = await readHead(socket);
  const status = Number(start.split(' ')[1]);
  if (status !== 101) {
    socket.destroy();
    throw new UpgradeRefused(status, headers);
  }
  if (!upgrade.headers?.['Sec-WebSocket-Key'] && headers.get('sec-websocket-accept') !== acceptFor(key)) {
    throw new Error('the 101 carries the wrong Sec-WebSocket-Accept');
  }
  return { peer: new RawPeer(socket, { ...upgrade, client: true }, rest), headers };
}

/** RFC 6455 §4.2.2. */
export function acceptFor(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

function requestText(upgrade: RawUpgrade, key: string): string {
  const fields = new Map<string, string | null>([
    ['Host', `localhost:${upgrade.port}`],
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', key],
    ...Object.entries(upgrade.headers ?? {}),
  ]);
  const lines = [...fields]
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${upgrade.path ?? '/'} HTTP/1.1\r\n${lines.join('')}\r\n`;
}
