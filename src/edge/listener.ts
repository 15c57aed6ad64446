import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import type { TLSSocket, Server as TlsServer } from 'node:tls';
import type { ListenerOptions } from '../config/listener.ts';
import { REFUSALS, type RefusalCode } from '../errors.ts';
import type { ClientCertificate } from '../pipeline/handshake.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import type { Services } from '../store/services.ts';
import type { Arrival, Facts, ListenerHandlers, RequestLimits } from './arrival.ts';
import type { Credentials } from './credentials.ts';
import { isRefusal, readFields } from './fields.ts';
import { clientAddress } from './forwarded.ts';
import { readHost } from './handshake.ts';
import { hostOf } from './host.ts';
import { boundHeader, createHttpReader } from './http-server.ts';
import { openAddress } from './open-address.ts';
import { Patience } from './patience.ts';
import { Reception } from './reception.ts';
import { refuseRequest, refuseUpgrade } from './respond.ts';
import { type CertificateStatus, Rotation, type RotationReport } from './rotation.ts';
import { createSecureServer } from './secure-server.ts';
import { STRICT_TRANSPORT, strictTransportFor } from './strict-transport.ts';
import { readTarget } from './target.ts';
import { TicketKeys } from './ticket-keys.ts';
import { tlsFactsOf } from './tls-facts.ts';
import type { Visit } from './visit.ts';

/** How long an ordinary request may take, from its header to the end of its answer, in milliseconds. */
const ANSWER_TIMEOUT = 30_000;

/**
 * One address that speaks HTTPS and WSS: TCP, limits, PROXY protocol, TLS, and node's HTTP parser. What it makes of a
 * connection is an `Arrival`; everything before that point is refused here.
 */
export class Listener {
  readonly name: string;
  readonly #handlers: ListenerHandlers;
  readonly #services: Services;
  readonly #rotation: Rotation;
  readonly #reception: Reception;
  readonly #tcp: TcpServer;
  readonly #http;
  /** Ordinary requests that are being answered. */
  readonly #answering = new Patience<TLSSocket>(ANSWER_TIMEOUT, (socket) => socket.destroy());
  #options: ListenerOptions;
  #limits: RequestLimits;
  #secure: TlsServer | undefined;
  readonly #tickets: TicketKeys;
  #forgetTickets: () => void = () => {};

  /** Opens nothing yet. `resolve` makes paths of the configuration absolute; `tickets` may be shared with others. */
  constructor(
    name: string,
    options: ListenerOptions,
    handlers: ListenerHandlers,
    services: Services,
    resolve: (path: string) => string,
    tickets: TicketKeys = new TicketKeys(),
  ) {
    this.name = name;
    this.#options = options;
    this.#limits = options.limits;
    this.#handlers = handlers;
    this.#services = services;
    this.#tickets = tickets;
    this.#reception = new Reception(name, options, services, ({ raw }) =>
      this.#secure?.emit('connection', raw),
    );
    this.#rotation = new Rotation(
      {
        name,
        services,
        resolve,
        swap: (credentials) => this.#swap(credentials),
        trustChanged: () => this.#handlers.trustChanged?.(),
      },
      options.tls,
    );
    this.#http = createHttpReader(options.limits, {
      onUpgrade: (request, socket, head) => this.#onUpgrade(request, socket, head),
      onRequest: (request, response) => void this.#onRequest(request, response),
      onClientError: (error, socket) => this.#onClientError(error, socket),
    });
    this.#tcp = createTcpServer({ noDelay: true, pauseOnConnect: true }, this.#reception.receive);
  }

  /**
   * Loads the certificates and opens the address.
   *
   * @throws OptionsError for certificates that cannot be served; an Error with a `code` for an address that cannot be
   * opened (`EADDRINUSE`, `EACCES`).
   */
  async listen(): Promise<AddressInfo> {
    await this.#rotation.start();
    this.#forgetTickets = this.#tickets.follow(() => this.#setTicketKeys());
    const address = await openAddress(this.#tcp, this.#options.address).catch((error) => {
      this.#release();
      throw error;
    });
    this.#tcp.on('error', (error) => this.#fault('accept', error));
    return address;
  }

  /** Accepts no more connections; those that are open stay. `empty` is called when the last of them has gone. */
  stop(empty?: () => void): void {
    if (this.#tcp.listening) this.#tcp.close(empty);
  }

  /** Stops, and ends every connection, sessions included. */
  close(): void {
    this.stop();
    this.#release();
    this.#reception.close();
  }

  /** Reads certificates, keys, CA bundle and revocation list again. Never rejects. */
  rotate(): Promise<RotationReport> {
    return this.#rotation.rotate();
  }

  /**
   * Prepares other options: reads and checks every file they name, and returns what puts them in service at once. The
   * address cannot change: that is another listener.
   *
   * @throws OptionsError, and nothing has changed.
   */
  async prepare(options: ListenerOptions): Promise<() => void> {
    const swap = await this.#rotation.prepare(options.tls);
    return () => {
      this.#options = options;
      this.#limits = options.limits;
      boundHeader(this.#http, options.limits);
      this.#reception.update(options);
      swap();
    };
  }

  /** The certificates in service. */
  certificates(): CertificateStatus[] {
    return this.#rotation.status();
  }

  /** Which certificates and lists in service have run out, for the health report; empty if all is well. */
  expired(): string[] {
    return this.#rotation.expired();
  }

  /** Why the last rotation was not taken, for the health report; empty if it was. */
  notTaken(): string[] {
    return this.#rotation.notTaken();
  }

  /** Open TCP connections, sessions included. */
  get connections(): number {
    return this.#reception.connections;
  }

  /** Why a client certificate that was believed at its handshake is not any more; undefined if it still is. */
  distrusts(certificate: ClientCertificate): Refused | undefined {
    const trust = this.#rotation.current?.trust;
    if (!trust)
      return refuse('certificate_untrusted', 'the listener asks for no client certificates any more');
    return trust.refusalOf(certificate);
  }

  #release(): void {
    this.#rotation.close();
    this.#answering.clear();
    this.#forgetTickets();
  }

  #swap(credentials: Credentials): void {
    const secure = createSecureServer(credentials, this.#options.tls, (socket, alert) => {
      this.#tlsFailed(socket, 'unrecognized name');
      const visit = this.#reception.find(socket);
      if (visit) visit.raw.write(alert, () => visit.raw.destroy());
      else socket.destroy();
    });
    secure.on('secureConnection', (socket) => this.#reception.secured(socket, this.#read));
    secure.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      this.#tlsFailed(socket, error.code ?? error.message);
      socket.destroy();
    });
    this.#secure = secure;
    this.#setTicketKeys();
  }

  #setTicketKeys(): void {
    // Other files or other options, other keys: no ticket outlives what was trusted when it was issued.
    const { tls } = this.#options;
    const digest = this.#rotation.current?.digest ?? '';
    this.#secure?.setTicketKeys(this.#tickets.keysFor(this.name, digest, JSON.stringify(tls)));
  }

  readonly #read = (socket: TLSSocket): void => void this.#http.emit('connection', socket);

  #onClientError(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    const visit = this.#reception.find(socket);
    if (!visit || error.code === 'ECONNRESET' || error.code === 'EPIPE') {
      socket.destroy();
      return;
    }
    const code: RefusalCode =
      error.code === 'HPE_HEADER_OVERFLOW' ? 'headers_too_large' : 'request_malformed';
    this.#reception.handOver(visit);
    this.#refused(visit, code, error.code ?? 'not HTTP');
    refuseUpgrade(socket, { code }, this.#strictTransport(socket));
  }

  #onUpgrade(request: IncomingMessage, socket: TLSSocket, head: Buffer): void {
    const visit = this.#reception.find(socket);
    // A second request, behind one that is being answered: that answer is the end of this connection.
    if (!visit) return;
    this.#reception.handOver(visit);
    try {
      const arrival = this.#arrivalOf(request, socket, head, visit);
      if (isRefusal(arrival)) {
        this.#refused(visit, arrival.code, arrival.reason);
        refuseUpgrade(socket, arrival, this.#strictTransport(socket));
        return;
      }
      const done = this.#handlers.upgrade(arrival);
      done?.catch((error) => this.#failed('upgrade', error, socket));
    } catch (error) {
      this.#failed('upgrade', error, socket);
    }
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const socket = request.socket as TLSSocket;
    const visit = this.#reception.find(socket);
    if (!visit) {
      socket.destroy();
      return;
    }
    this.#reception.handOver(visit);
    this.#answering.add(socket);
    socket.on('close', () => this.#answering.delete(socket));
    response.shouldKeepAlive = false;
    const strict = this.#strictTransport(socket);
    if (strict !== '') response.setHeader(STRICT_TRANSPORT, strict);
    try {
      const fields = readFields(request.rawHeaders, this.#limits.headers);
      if (isRefusal(fields)) {
        refuseRequest(response, fields);
        return;
      }
      const facts = this.#factsOf(fields, socket, visit);
      if (isRefusal(facts)) refuseRequest(response, facts);
      else if (!(await this.#handlers.request?.(request, response, facts))) {
        refuseRequest(response, { code: this.#genericCode(request, hostOf(fields.get('host')!)!) });
      }
    } catch (error) {
      this.#fault('request', error);
      refuseRequest(response, { code: 'internal' });
    }
  }

  /** For whatever nobody here serves: not this way, or not at all. */
  #genericCode({ method, url = '' }: IncomingMessage, host: string): RefusalCode {
    if (method !== 'GET' && method !== 'HEAD') return 'method_not_allowed';
    const target = readTarget(url);
    const expected = typeof target === 'object' && this.#handlers.expects?.(host, target.path);
    return expected ? 'upgrade_required' : 'route_unknown';
  }

  #arrivalOf(request: IncomingMessage, socket: TLSSocket, head: Buffer, visit: Visit): Arrival | Refused {
    if (head.length > this.#limits.earlyData) {
      return refuse('early_data_too_large', `${head.length} bytes with the request`);
    }
    const fields = readFields(request.rawHeaders, this.#limits.headers);
    if (isRefusal(fields)) return fields;
    const facts = this.#factsOf(fields, socket, visit);
    return isRefusal(facts) ? facts : { request, socket, head, fields, facts };
  }

  /** What is known of the connection behind a request, or why the request is not even handed on. */
  #factsOf(fields: ReadonlyMap<string, string>, socket: TLSSocket, visit: Visit): Facts | Refused {
    const address = clientAddress(visit.address, fields, this.#reception.isTrusted);
    if (address === undefined) return refuse('request_malformed', 'a proxy wrote an address that is none');
    const crowded = this.#reception.count(visit, address);
    if (crowded) return refuse(crowded, 'behind a trusted proxy');
    const certificate = this.#rotation.current?.trust?.certificateOf(socket, this.#services.clock.now());
    const facts: Facts = {
      listener: this.name,
      address,
      peer: visit.peer,
      tls: tlsFactsOf(socket, isRefusal(certificate) ? undefined : certificate),
      serves: this.#serves,
      ...(isRefusal(certificate) && { untrusted: certificate }),
      limits: this.#limits,
      strictTransport: this.#strictTransport(socket),
    };
    const host = readHost(fields, facts);
    return isRefusal(host) ? host : facts;
  }

  #strictTransport(socket: TLSSocket): string {
    return strictTransportFor(socket, this.#options.tls.strictTransportSecurity);
  }

  readonly #serves = (host: string): boolean => {
    const credentials = this.#rotation.current;
    if (!credentials) return false;
    if (credentials.addresses.has(host)) return true;
    return this.#options.tls.unknownNames === 'default' && credentials.contexts.find(host) !== undefined;
  };

  /** A request that is refused before anybody else hears of it. */
  #refused(visit: Visit, code: RefusalCode, reason: string): void {
    this.#services.recorder.event('upgrade.refused', {
      listener: this.name,
      address: visit.address,
      peer: visit.peer,
      code,
      reason,
      status: REFUSALS[code].status,
      seconds: 0, // as soon as it was read
    });
  }

  #tlsFailed(socket: TLSSocket, error: string): void {
    const visit = this.#reception.find(socket);
    if (!visit) return; // it has left already, and what TLS says of that is no news
    const { address, peer } = visit;
    this.#services.recorder.event('tls.failed', { listener: this.name, address, peer, error });
  }

  #failed(where: string, error: unknown, socket: TLSSocket): void {
    this.#fault(where, error);
    // Once a 101 is written, HTTP would be read as frames.
    if (socket.bytesWritten > 0) socket.destroy();
    else refuseUpgrade(socket, { code: 'internal' }, this.#strictTransport(socket));
  }

  #fault(where: string, error: unknown): void {
    this.#services.recorder.event('gateway.fault', {
      where: `listener ${this.name}: ${where}`,
      error: String(error),
    });
  }
}
