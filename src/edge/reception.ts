import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ListenerOptions } from '../config/listener.ts';
import type { RefusalCode } from '../errors.ts';
import { AddressSet, peerAddress } from '../pipeline/addresses.ts';
import { counterweight } from '../record/counterweight.ts';
import type { Services } from '../store/services.ts';
import { type Admission, admissionOf } from './admission.ts';
import { Door } from './door.ts';
import { Patience } from './patience.ts';
import { readProxyHeader } from './proxy-protocol.ts';
import { refuseUpgrade } from './respond.ts';
import { strictTransportFor } from './strict-transport.ts';
import { type Turnstile, turnstileOf } from './turnstile.ts';
import { type Host, keyOf, Visit } from './visit.ts';

type ReceptionOptions = Pick<ListenerOptions, 'tls' | 'limits' | 'trustedProxies' | 'proxyProtocol'>;

/** While all places for handshakes are taken and others wait, nobody has more than this part of the deadline. */
const HURRIED = 1 / 3;

/**
 * Receives TCP connections: counts them, reads the PROXY header of trusted proxies, and passes on those that may begin
 * TLS. All of it comes before any work is done for a stranger: who is over a limit is reset, not answered.
 */
export class Reception {
  readonly #listener: string;
  readonly #services: Services;
  #options: ReceptionOptions;
  #trusted: AddressSet;
  readonly #door: Door;
  readonly #admission: Admission;
  readonly #turnstile: Turnstile;
  readonly #host: Host;
  readonly #open = new Set<Socket>();
  /** Those that TLS and HTTP are being spoken with, by key. */
  readonly #visits = new Map<string, Visit>();
  /** One deadline from the connection to the end of the HTTP header. */
  readonly #arriving: Patience<Visit>;

  constructor(
    listener: string,
    options: ReceptionOptions,
    services: Services,
    onReady: (visit: Visit) => void,
  ) {
    this.#listener = listener;
    this.#options = options;
    this.#trusted = new AddressSet(options.trustedProxies);
    this.#services = services;
    this.#door = new Door(options.limits, services.clock);
    this.#admission = admissionOf(services);
    this.#turnstile = turnstileOf(services);
    this.#host = {
      begin(visit) {
        visit.begun = true;
        counterweight.add();
        onReady(visit);
      },
      turnAway: (visit) => this.#turnAway(visit, 'admission_full'),
      hurry: (visit, age) => this.#hurry(visit, age),
    };
    this.#arriving = new Patience(options.limits.handshakeTimeout, (visit) => this.#late(visit));
  }

  /** Takes new options; who is in stays in. */
  update(options: ReceptionOptions): void {
    this.#options = options;
    this.#trusted = new AddressSet(options.trustedProxies);
    this.#door.update(options.limits);
    this.#arriving.milliseconds = options.limits.handshakeTimeout;
  }

  /** Open TCP connections, sessions included. */
  get connections(): number {
    return this.#open.size;
  }

  readonly isTrusted = (address: string): boolean => this.#trusted.has(address);

  readonly receive = (raw: Socket): void => {
    raw.on('error', ignore);
    const peer = peerAddress(raw.remoteAddress ?? '');
    if (peer === undefined) {
      raw.destroy(); // gone already
      return;
    }
    if (this.#open.size >= this.#options.limits.connections) {
      raw.resetAndDestroy();
      this.#record(peer, peer, 'connections_full');
      return;
    }
    const visit = new Visit(raw, peer, this.#host);
    this.#open.add(raw);
    this.#visits.set(visit.key, visit);
    this.#arriving.add(visit);
    raw.on('close', () => this.#leave(visit));
    if (this.#options.proxyProtocol && this.isTrusted(peer)) this.#readProxyHeader(visit);
    else this.#admit(visit);
  };

  /** The visit that a TLS socket belongs to, until it is handed over. */
  find(socket: Socket): Visit | undefined {
    return this.#visits.get(keyOf(socket));
  }

  /** Counts the client that a trusted proxy speaks for, now that its address is known. */
  count(visit: Visit, address: string): RefusalCode | undefined {
    visit.address = address;
    if (visit.counted !== undefined || this.isTrusted(address)) return undefined;
    const refused = this.#door.enter(address);
    if (refused === undefined) visit.counted = address;
    return refused;
  }

  /** TLS is up. `read` is called when it is its turn to be read, unless it has gone or was told that it is late. */
  secured(socket: TLSSocket, read: (socket: TLSSocket) => void): void {
    const visit = this.find(socket);
    if (!visit) {
      socket.destroy();
      return;
    }
    visit.secure = socket;
    if (this.#turnstile.enter()) {
      read(socket);
      return;
    }
    socket.on('error', ignore);
    this.#turnstile.queue(() => {
      socket.off('error', ignore);
      if (!socket.destroyed && !socket.writableEnded) read(socket);
    });
  }

  /** The HTTP header is complete: the deadline is met, and this visit is somebody else's from here on. */
  handOver(visit: Visit): void {
    this.#arriving.delete(visit);
    this.#admission.leave(visit);
    this.#visits.delete(visit.key);
    visit.secure = undefined;
  }

  /** Ends every connection there is. */
  close(): void {
    this.#arriving.clear();
    for (const raw of this.#open) raw.destroy();
  }

  #admit(visit: Visit): void {
    const refused = this.count(visit, visit.address);
    if (refused) this.#turnAway(visit, refused);
    else if (!this.#admission.enter(visit)) this.#turnAway(visit, 'admission_full');
  }

  #hurry(visit: Visit, age: number): void {
    if (age > this.#arriving.milliseconds * HURRIED) this.#late(visit);
  }

  #readProxyHeader(visit: Visit): void {
    const { raw } = visit;
    let held: Buffer = Buffer.alloc(0);
    const read = (): void => {
      const chunk: Buffer | null = raw.read();
      if (chunk === null) return;
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const header = readProxyHeader(held);
      if (header === 'more') return;
      raw.off('readable', read);
      if (header === 'invalid') {
        this.#turnAway(visit, 'request_malformed');
        return;
      }
      visit.address = header.source ?? visit.peer;
      if (header.length < held.length) raw.unshift(held.subarray(header.length));
      this.#admit(visit);
    };
    raw.on('readable', read);
  }

  #turnAway({ raw, address, peer }: Visit, code: RefusalCode): void {
    raw.resetAndDestroy();
    this.#record(address, peer, code);
  }

  #late(visit: Visit): void {
    this.#arriving.delete(visit);
    if (this.#admission.leave(visit)) {
      this.#turnAway(visit, 'admission_full'); // it was not the client that took so long
      return;
    }
    this.#record(visit.address, visit.peer, 'handshake_timeout');
    const { secure } = visit;
    if (secure)
      refuseUpgrade(
        secure,
        { code: 'handshake_timeout' },
        strictTransportFor(secure, this.#options.tls.strictTransportSecurity),
      );
    else visit.raw.destroy();
  }

  #record(address: string, peer: string, code: RefusalCode): void {
    this.#services.recorder.event('connection.refused', { listener: this.#listener, address, peer, code });
  }

  #leave(visit: Visit): void {
    this.#open.delete(visit.raw);
    this.#arriving.delete(visit);
    this.#admission.leave(visit);
    if (visit.begun) counterweight.remove();
    if (this.#visits.get(visit.key) === visit) this.#visits.delete(visit.key);
    if (visit.counted !== undefined) this.#door.leave(visit.counted);
  }
}

function ignore(): void {}
