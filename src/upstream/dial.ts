import { connect, isIP, type OnReadOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { Dialled } from '../pipeline/dialled.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import { checkIdentity } from '../protocol/server-identity.ts';
import { counterweight } from '../record/counterweight.ts';
import { type DialRequest, newKey, writeRequest } from './request.ts';
import { UpgradeAnswer } from './response.ts';

/**
 * One read buffer for all upstream sockets. Node reads into it and calls back synchronously, so nobody else can be
 * using it; measured, it saves a tenth of the CPU and most of the memory growth of a buffer a read.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);

/** Hands each chunk of a socket to whoever reads it at the moment, and keeps what comes while nobody does. */
class Reader {
  #onChunk: ((chunk: Buffer) => void) | undefined;
  /** TLS hands out every record of one read from the network, though the socket was paused at the first. Copies. */
  #held: Buffer[] = [];

  /** False pauses the socket: nobody is reading. */
  push(length: number): boolean {
    const chunk = READ_BUFFER.subarray(0, length);
    if (this.#onChunk) this.#onChunk(chunk);
    else this.#held.push(Buffer.from(chunk));
    return this.#onChunk !== undefined;
  }

  start(onChunk: (chunk: Buffer) => void): void {
    this.#onChunk = onChunk;
    for (const chunk of this.#held.splice(0)) onChunk(chunk);
  }

  stop(): void {
    this.#onChunk = undefined;
  }
}

/**
 * Opens an upstream WebSocket: connects, asks, and checks the answer (RFC 6455 §4.1). Never rejects: a failure is
 * `upstream_refused`, `upstream_timeout` or `upstream_invalid`. Aborting ends the attempt: `client_left`.
 *
 * @param connected called once TCP, and TLS where there is some, stand
 */
export function dial(
  request: DialRequest,
  signal: AbortSignal,
  connected: () => void = ignore,
): Promise<Dialled | Refused> {
  return new Promise((resolve) => {
    const reader = new Reader();
    const socket = open(request, reader);
    const key = newKey();
    const answer = new UpgradeAnswer(key, request.protocols);

    const settle = (outcome: Dialled | Refused): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError).off('end', onEnd).off('close', onEnd);
      socket.off(readyEvent, onReady);
      reader.stop();
      if ('pass' in outcome) socket.on('error', ignore).destroy();
      resolve(outcome);
    };
    const onTimeout = (): void => settle(refuse('upstream_timeout', 'the upstream did not answer in time'));
    const onAbort = (): void => settle(refuse('client_left', 'while the upstream was dialled'));
    const onEnd = (): void => settle(refuse('upstream_invalid', 'the upstream closed before it answered'));
    // The code alone (ECONNREFUSED, CERT_HAS_EXPIRED): messages carry addresses.
    const onError = (error: NodeJS.ErrnoException): void =>
      settle(refuse('upstream_refused', error.code ?? 'connection failed'));
    const onReady = (): void => {
      connected();
      clearTimeout(timer);
      timer = setTimeout(onTimeout, request.handshakeTimeout);
      socket.write(writeRequest(request, key), 'latin1');
    };
    const readyEvent = request.url.protocol === 'wss:' ? 'secureConnect' : 'connect';

    let timer = setTimeout(onTimeout, request.connectTimeout);
    reader.start((chunk) => {
      const verdict = answer.push(chunk);
      if (verdict === undefined) return;
      if (verdict.ok) settle(dialled(socket, reader, verdict.rest, verdict.protocol));
      else settle(refuse(verdict.refused ? 'upstream_refused' : 'upstream_invalid', verdict.reason));
    });
    socket.once(readyEvent, onReady);
    socket.once('error', onError).once('end', onEnd).once('close', onEnd);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

function open({ url, ca }: DialRequest, reader: Reader): Socket {
  const secure = url.protocol === 'wss:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || (secure ? 443 : 80));
  const onread: OnReadOpts = { buffer: READ_BUFFER, callback: (length) => reader.push(length) };
  if (!secure) return connect({ host, port, onread, noDelay: true });
  // Node documents `onread` for tls.connect; its published types lack it.
  const options: ConnectionOptions & { onread: OnReadOpts } = {
    host,
    port,
    onread,
    minVersion: 'TLSv1.2',
    checkServerIdentity: checkIdentity,
    rejectUnauthorized: true, // whatever NODE_TLS_REJECT_UNAUTHORIZED says
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
  };
  counterweight.add();
  return connectTls(options)
    .setNoDelay(true)
    .once('close', () => counterweight.remove());
}

/** An upstream that fails between two listeners must not end the process. */
const ignore = (): void => {};

function dialled(socket: Socket, reader: Reader, head: Buffer, protocol: string): Dialled {
  socket.on('error', ignore).pause();
  return {
    socket,
    head,
    protocol,
    read(onChunk) {
      reader.start(onChunk);
      socket.resume();
    },
  };
}
