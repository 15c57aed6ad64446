import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ConnectionOptions,
  connect as connectTls,
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import type { Reach, Trust } from '../reach.ts';
import { Wire } from './wire.ts';

/** No connection could be made: what came back before HTTP or TLS was there. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
  readonly code: string;
  /** Whether TCP was there, and TLS was not. */
  readonly isTls: boolean;

  constructor(code: string, isTls: boolean) {
    super(`no ${isTls ? 'TLS' : 'TCP'} connection: ${code}`);
    this.code = code;
    this.isTls = isTls;
  }
}

/** Connections that are cut before TLS stands are tried so often: endpoints that limit rates do that. */
const TRIES = 3;
const PAUSE = 700; // ms, times the number of the try

/** A TCP connection that nothing was sent on. @throws Unreachable @throws BudgetSpent */
export async function connectPlain(reach: Reach, port = reach.target.port): Promise<Wire> {
  await reach.budget.connection();
  const tcp = await tcpTo(reach, port);
  return new Wire(tcp, tcp, reach.budget);
}

/** Called with a TLS socket before its handshake, to hear what happens in it. */
type OnSocket = (socket: TLSSocket) => void;

/** A TLS connection with the weakest that this Node can do allowed: whether that is well is for checks to say. */
export async function connectSecure(
  reach: Reach,
  options: ConnectionOptions = {},
  onSocket: OnSocket = () => {},
): Promise<Wire> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await secureOnce(reach, options, onSocket);
    } catch (error) {
      if (attempt === TRIES || !(error instanceof Unreachable) || error.code !== 'ECONNRESET') throw error;
      await sleep(PAUSE * attempt);
    }
  }
}

async function secureOnce(reach: Reach, options: ConnectionOptions, onSocket: OnSocket): Promise<Wire> {
  await reach.budget.connection();
  const tcp = await tcpTo(reach, reach.target.port);
  const secure = connectTls({ ...tlsOptions(reach, options), socket: tcp });
  onSocket(secure);
  await settled(secure, 'secureConnect', reach.patience.answer);
  return new Wire(secure, tcp, reach.budget);
}

/** The weakest that this Node can do. */
const WEAKEST: SecureContextOptions = { minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' };

/** One for all connections that ask for nothing special: to make one takes longer than a handshake. */
const contexts = new WeakMap<Trust, SecureContext>();

function contextOf(trust: Trust): SecureContext {
  const known = contexts.get(trust);
  if (known) return known;
  const made = createSecureContext({ ...WEAKEST, ...trust.client });
  contexts.set(trust, made);
  return made;
}

function tlsOptions({ target, trust }: Reach, options: ConnectionOptions): ConnectionOptions {
  const isSpecial = options.maxVersion !== undefined || options.ca !== undefined;
  return {
    ...(target.serverName !== undefined && { servername: target.serverName }),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...(isSpecial ? { ...WEAKEST, ...trust.client } : { secureContext: contextOf(trust) }),
    ...options,
  };
}

/** The TLS socket of a wire that `connectSecure` made. */
export function tlsOf(wire: Wire): TLSSocket {
  return wire.socket as TLSSocket;
}

async function tcpTo({ target, patience }: Reach, port: number): Promise<Socket> {
  const tcp = connectTcp({ host: target.address, port, noDelay: true, allowHalfOpen: true });
  tcp.on('error', () => {}); // each fault is reported by whoever waits; none may end the process
  await settled(tcp, 'connect', patience.answer);
  return tcp;
}

function settled(socket: Socket | TLSSocket, event: string, milliseconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (code: string): void => {
      clearTimeout(timer);
      socket.on('error', () => {}).destroy();
      reject(new Unreachable(code, event === 'secureConnect'));
    };
    const onError = (error: NodeJS.ErrnoException): void => fail(error.code ?? error.message);
    const onClose = (): void => fail('ECONNRESET');
    const timer = setTimeout(() => fail('ETIMEDOUT'), milliseconds);
    socket.once('error', onError).once('close', onClose);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off('error', onError).off('close', onClose);
      resolve();
    });
  });
}
