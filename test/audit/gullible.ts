import 'reflect-metadata'; // before x509, whose container asks for it
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { type CertificateRequest, createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { encode, FrameReader, OPCODE, type RawFrame } from '../support/raw-frames.ts';
import { type RawHead, readHead } from '../support/raw-head.ts';
import { accept } from './answers.ts';

/** What a bad server does. Left out: whatever is asked, it says yes, and it stays. */
export interface Manners {
  readonly tls?: TlsOptions;
  /** Speaks TLS and plain text on one port, by the first byte. */
  readonly plain?: boolean;
  /** Fields of the 101, or another answer in its place; undefined for the usual one. */
  readonly answer?: (request: RawHead, path: string, socket: Duplex) => string | undefined;
  /** Staples these bytes as its OCSP response. */
  readonly staple?: Buffer;
  /** Serves so many connections at once; the next waits until one has gone, or is reset. */
  readonly seats?: number;
  readonly rejects?: true;
  /** Drops who sends more than this before the end of a head, in bytes. */
  readonly longest?: number;
  /** How long it thinks before it answers, in milliseconds. */
  readonly delay?: (request: RawHead) => number;
  /** Called with each frame; true: that was all there is to do. */
  readonly onFrame?: (frame: RawFrame, socket: Duplex) => boolean;
  /** Called with whatever comes behind the head. */
  readonly onChunk?: (chunk: Buffer, socket: Duplex) => void;
  /** Called when a WebSocket is open. */
  readonly onOpen?: (socket: Duplex) => void;
}

export interface BadServer {
  readonly port: number;
  /** PEM. */
  readonly ca: string;
  stop(): void;
}

/** Certificates that the development authority does not make. */
export type Oddity = 'sha-1' | 'with a CRL' | 'with a responder' | 'must staple';

/** One for all: keys take time. */
const authority = createDevelopmentCa('audit test CA');

/** A server that opens a WebSocket for any head that ends, reads any frame, and answers every Ping. */
export async function startBadServer(
  manners: Manners = {},
  certificate: CertificateRequest | Oddity = {},
): Promise<BadServer> {
  const ca = await authority;
  const pair =
    typeof certificate === 'string'
      ? await selfSigned(certificate)
      : await ca.issue({ dns: ['localhost'], ip: ['127.0.0.1'], ...certificate });
  const secure = createTlsServer(
    { ...pair, ciphers: 'DEFAULT:@SECLEVEL=0', allowHalfOpen: true, ...manners.tls },
    (socket) => void serve(socket, manners),
  );
  secure.on('tlsClientError', () => {});
  if (manners.staple) secure.on('OCSPRequest', (_cert, _issuer, answer) => answer(null, manners.staple!));
  const sockets = new Set<Socket>();
  const waiting: (() => void)[] = [];
  const server: Server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket
      .on('error', () => socket.destroy())
      .on('close', () => {
        sockets.delete(socket);
        waiting.shift()?.();
      });
    if (sockets.size > (manners.seats ?? Number.POSITIVE_INFINITY)) {
      if (manners.rejects) socket.resetAndDestroy();
      else waiting.push(() => secure.emit('connection', socket));
    } else if (!manners.plain) secure.emit('connection', socket);
    else
      socket.once('data', (first: Buffer) => {
        socket.pause();
        socket.unshift(first);
        if (first[0] === 0x16) secure.emit('connection', socket);
        else {
          void serve(socket, manners);
          socket.resume();
        }
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    ca: ca.cert,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Status_request among the TLS features (RFC 7633 §6). */
const MUST_STAPLE = new x509.Extension('1.3.6.1.5.5.7.1.24', false, Buffer.from('3003020105', 'hex'));

const EXTENSIONS: Readonly<Record<Oddity, x509.Extension[]>> = {
  'sha-1': [],
  'with a CRL': [new x509.CRLDistributionPointsExtension(['http://localhost/crl'])],
  'with a responder': [
    new x509.AuthorityInfoAccessExtension({ ocsp: new x509.GeneralName('url', 'http://localhost/') }),
  ],
  'must staple': [MUST_STAPLE],
};

/** What a careful authority would not sign, or would add. */
export async function selfSigned(kind: Oddity): Promise<{ cert: string; key: string }> {
  const algorithm = {
    name: 'ECDSA',
    namedCurve: 'P-256',
    hash: kind === 'sha-1' ? 'SHA-1' : 'SHA-256',
  } as const;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    keys,
    signingAlgorithm: algorithm,
    extensions: EXTENSIONS[kind],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { cert: cert.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
}

async function serve(socket: Duplex, manners: Manners): Promise<void> {
  socket.on('error', () => socket.destroy());
  if (manners.longest !== undefined) {
    let got = 0;
    socket.on('data', (chunk: Buffer) => {
      got += chunk.length;
      if (got > manners.longest!) socket.destroy();
    });
  }
  const request = await readHead(socket).catch(() => undefined);
  if (!request) return;
  if (manners.delay) await sleep(manners.delay(request));
  const path = request.start.split(' ')[1] ?? '';
  const answer = manners.answer?.(request, path, socket) ?? accept(request);
  socket.write(answer, 'latin1');
  const reader = new FrameReader();
  socket.on('data', (chunk: Buffer) => {
    manners.onChunk?.(chunk, socket);
    for (const frame of reader.push(chunk)) {
      if (manners.onFrame?.(frame, socket)) continue;
      if (frame.opcode === OPCODE.ping)
        socket.write(encode({ opcode: OPCODE.pong, payload: frame.payload }, false));
    }
  });
  if (request.rest.length > 0) socket.unshift(request.rest);
  manners.onOpen?.(socket);
  socket.resume();
}
