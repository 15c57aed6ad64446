import type { Duplex } from 'node:stream';
import { REFUSALS, type RefusalCode } from '../errors.ts';
import type { Connection } from '../pipeline/connection.ts';
import type { Dialled } from '../pipeline/dialled.ts';
import type { ClientCertificate, Handshake } from '../pipeline/handshake.ts';
import { Inspector } from '../pipeline/inspect.ts';
import type { Direction } from '../pipeline/message.ts';
import type { Principal } from '../pipeline/principal.ts';
import { type Denial, recordRefusal, who } from '../pipeline/refusals.ts';
import type { RoutePlan } from '../pipeline/route.ts';
import type { Refused } from '../pipeline/verdict.ts';
import type { CloseBody } from '../protocol/close.ts';
import { closeReason } from '../protocol/close-advice.ts';
import { encodeText } from '../protocol/encode.ts';
import type { Services } from '../store/services.ts';
import { Leg, type LegOwner, PAUSE } from './leg.ts';
import { Relay, type RelayHost } from './relay.ts';
import type { Unfinished } from './unfinished.ts';

/** What an upgrade has brought together; the 101 is written. Nothing of it is kept but the sockets and what is named. */
export interface SessionParts {
  readonly id: string;
  readonly route: RoutePlan;
  readonly handshake: Handshake;
  readonly principal: Principal;
  /** The negotiated subprotocol; empty if none. */
  readonly protocol: string;
  /** Whether permessage-deflate was negotiated with the client. */
  readonly deflate: boolean;
  /** Paused, or never read. */
  readonly client: Duplex;
  /** What the client sent behind its request. */
  readonly clientHead: Buffer;
  readonly upstream: Dialled;
}

/** Where a session lives. */
export interface SessionHost {
  readonly services: Services;
  readonly registry: { add(session: Session): void; remove(session: Session): void };
  /** Counts what messages that are not whole hold in all sessions. */
  readonly unfinished?: Unfinished;
  /** Called once, when both legs are gone and the registry has let go of it. */
  closed?(session: Session): void;
}

/** How a session ended, as the event `session.closed` says it. */
interface Ending {
  readonly initiator: 'client' | 'upstream' | 'gateway' | 'operator';
  /** The close code that ended it; 1005 for a Close without one, 1006 for none at all. */
  readonly close: number;
  readonly code?: RefusalCode;
  readonly reason?: string;
}

/** To the other side of a leg that is gone, or that we have ended: RFC 6455 section 7.4.1, "going away". */
const GOING_AWAY = 1001;

/** One client, one upstream, and the two relays between them. Small: thousands of them lie idle. */
export class Session implements Connection, RelayHost, LegOwner {
  readonly id: string;
  readonly address: string;
  readonly origin: string | undefined;
  readonly host: string;
  readonly path: string;
  readonly protocol: string;
  readonly since: number;
  readonly principal: Principal;
  /** The name of the listener that it came in by. */
  readonly listener: string;
  /** The client certificate of its connection, whatever proved the holder. */
  readonly certificate: ClientCertificate | undefined;
  plan: RoutePlan;

  readonly client: Leg;
  readonly upstream: Leg;
  readonly fromClient: Relay;
  readonly fromServer: Relay;
  readonly #home: SessionHost;
  #slots: Map<string, unknown> | undefined = undefined;
  #ending: Ending | undefined = undefined;
  #leaving = false;

  // Deadlines, monotonic milliseconds: wall time was looked at once, so a clock that is set harms no open session.
  readonly opened: number;
  /** When the credential runs out, without any grace; Infinity if it does not. */
  readonly credentialEnds: number;
  /** When the client certificate runs out. */
  readonly certificateEnds: number;
  /** When a session whose route is gone is ended. */
  retires = Infinity;
  /** When the sweep last saw that something had been said. */
  spokeAt: number;

  constructor(parts: SessionParts, host: SessionHost) {
    const { id, route, handshake, principal, protocol } = parts;
    const { clock, recorder } = host.services;
    const certificate = handshake.tls.certificate;
    const wall = clock.now();
    const now = clock.monotonic();
    this.#home = host;
    this.id = id;
    this.plan = route;
    this.address = handshake.address;
    this.origin = handshake.origin;
    this.host = handshake.host;
    this.path = handshake.path;
    this.protocol = protocol;
    this.principal = principal;
    this.listener = handshake.listener;
    this.certificate = certificate;
    this.since = wall;
    this.opened = now;
    this.spokeAt = now;
    this.credentialEnds = now + ((principal.expiresAt ?? Infinity) - wall);
    this.certificateEnds = now + ((certificate?.notAfter ?? Infinity) - wall);
    this.client = new Leg('client', parts.client, this);
    this.upstream = new Leg('upstream', parts.upstream.socket, this);
    this.client.peer = this.upstream;
    this.upstream.peer = this.client;
    const inspectors = inspectorsOf(route, recorder);
    this.fromClient = new Relay(this, inspectors.client, this.client, this.upstream, parts.deflate);
    this.fromServer = new Relay(this, inspectors.server, this.upstream, this.client, false);
    this.client.receiver = this.fromClient;
    this.upstream.receiver = this.fromServer;
  }

  get route(): string {
    return this.plan.name;
  }

  get unfinished(): Unfinished | undefined {
    return this.#home.unfinished;
  }

  /** Whether a Close has been sent or received, or a leg is gone. */
  get ending(): boolean {
    return this.#ending !== undefined;
  }

  /** Whether the client has been told to go, and what it sent before it knew is still forwarded. */
  get leaving(): boolean {
    return this.#leaving;
  }

  slot<T>(key: string, make: () => T): T {
    this.#slots ??= new Map();
    if (!this.#slots.has(key)) this.#slots.set(key, make());
    // The key's owner alone decides T, and asks with the same one each time.
    return this.#slots.get(key) as T;
  }

  /** Registers itself, says hello where the route wants it, and starts to read. Called once. */
  begin({ clientHead, upstream }: Pick<SessionParts, 'clientHead' | 'upstream'>): void {
    const { recorder } = this.#home.services;
    this.#home.registry.add(this);
    recorder.event('session.opened', { ...who(this), protocol: this.protocol });
    this.#greet();
    if (upstream.head.length > 0) this.fromServer.receive(upstream.head);
    if (clientHead.length > 0) this.fromClient.receive(clientHead);
    const { fromServer } = this;
    upstream.read((chunk) => fromServer.receive(chunk));
    if (this.upstream.paused) this.upstream.socket.pause();
    this.client.listen();
    for (const leg of [this.client, this.upstream]) {
      // It may have gone while nobody listened.
      if (leg.socket.destroyed) Leg.closed(leg);
      else if (leg.socket.readableEnded) Leg.ended(leg);
    }
  }

  /** Takes nothing more from the client for a moment, so that what it has asked is answered; then comes `leave`. */
  hush(): void {
    if (!this.#ending) this.client.pause(PAUSE.leave);
  }

  /**
   * Ends the session and loses nothing: the client gets its Close, with the time after which it should come back in
   * milliseconds, and what it sent before it had that is still judged and forwarded. Then the upstream gets one.
   */
  leave(code: RefusalCode, after?: number): void {
    if (this.#ending) return;
    const close = this.#closeCode(code);
    this.#ending = { initiator: 'gateway', close, code };
    this.#leaving = true;
    this.fromServer.stop();
    this.client.close(close, closeReason(code, after));
    this.client.resume(PAUSE.leave);
  }

  /** Ends the session from our side: both legs get a Close, the client's with its row's code and its name as reason. */
  end(code: RefusalCode, reason?: string): void {
    if (this.#leaving) this.#left(); // whoever may not stay may not finish either
    if (this.#ending) return;
    const initiator = code === 'session_kicked' ? 'operator' : 'gateway';
    const close = this.#closeCode(code);
    this.#conclude({ initiator, close, code, ...(reason !== undefined && { reason }) });
    this.client.close(close, code);
    this.upstream.close(GOING_AWAY, '');
  }

  /** Follows a reload: its route as it is now. */
  adopt(route: RoutePlan): void {
    this.retires = Infinity;
    this.plan = route;
    const inspectors = inspectorsOf(route, this.#home.services.recorder);
    this.fromClient.inspector = inspectors.client;
    this.fromServer.inspector = inspectors.server;
  }

  /** Ends the session at once if its credential has run out; true once it has. */
  expire(): boolean {
    if (this.credentialEnds === Infinity && this.certificateEnds === Infinity) return false;
    const now = this.#home.services.clock.monotonic();
    if (now < this.credentialEnds + this.plan.lifetime.refreshGrace && now < this.certificateEnds)
      return false;
    this.end('session_expired');
    return true;
  }

  /** Cuts both legs at once. */
  destroy(): void {
    this.client.destroy();
    this.upstream.destroy();
  }

  violated(denial: Denial, direction: Direction): void {
    recordRefusal(this.#home.services.recorder, this.plan, this, direction, denial, false);
    this.denied(denial.refused, direction);
  }

  denied({ code }: Refused, direction: Direction): void {
    if (this.#leaving && direction === 'client') this.#left();
    if (this.#ending) return;
    const close = this.#closeCode(code);
    if (direction === 'client') {
      this.#conclude({ initiator: 'gateway', close, code });
      this.client.close(close, code);
      this.upstream.close(GOING_AWAY, '');
    } else {
      // The client has done nothing wrong, and learns only that its upstream failed.
      const told = REFUSALS.upstream_invalid.close;
      this.#conclude({ initiator: 'gateway', close: told, code });
      this.upstream.close(REFUSALS[code].close, code);
      this.client.close(told, 'upstream_invalid');
    }
  }

  unreadable(direction: Direction): void {
    const leg = direction === 'client' ? this.client : this.upstream;
    leg.gotClose = true; // none that could be told from noise will come
    leg.end();
  }

  closed({ code, reason }: CloseBody, direction: Direction): void {
    const [from, to] = direction === 'client' ? [this.client, this.upstream] : [this.upstream, this.client];
    from.gotClose = true;
    if (!this.#ending) {
      this.#conclude({ initiator: from.side, close: code ?? 1005 });
      to.close(code, reason);
    }
    if (this.#leaving && from.side === 'client') this.#left();
    from.close(code, '');
    // The server ends the TCP connection first (RFC 6455 §7.1.1): to the client that is us. Its FIN is waited for, as
    // closing with bytes unread would reset the connection under our last ones.
    if (from.side === 'client') from.end();
  }

  finished(leg: Leg): void {
    const relay = leg.side === 'client' ? this.fromClient : this.fromServer;
    relay.shut();
    if (!this.#ending) this.#lost(leg);
    if (this.#leaving && leg.side === 'client') this.#left();
    if (!leg.gone) leg.finish();
  }

  gone(): void {
    if (!this.client.gone || !this.upstream.gone) return;
    this.#home.registry.remove(this);
    const { clock, recorder } = this.#home.services;
    recorder.event('session.closed', {
      ...who(this),
      ...this.#ending,
      received: this.fromClient.messages,
      sent: this.fromServer.messages,
      seconds: (clock.monotonic() - this.opened) / 1_000,
    });
    this.#home.closed?.(this);
  }

  /** A leg ended without a Close (an API would show 1006; it is never sent). */
  #lost(leg: Leg): void {
    if (leg.side === 'client') {
      this.#conclude({ initiator: 'client', close: 1006 });
      this.upstream.close(GOING_AWAY, '');
    } else {
      const { close } = REFUSALS.upstream_lost;
      this.#conclude({ initiator: 'upstream', close, code: 'upstream_lost' });
      this.client.close(close, 'upstream_lost');
    }
  }

  /** The client's last messages are through, or not wanted any more: the upstream is told. */
  #left(): void {
    this.#leaving = false;
    this.fromClient.stop();
    this.upstream.close(GOING_AWAY, '');
  }

  #conclude(ending: Ending): void {
    this.#ending = ending;
    this.fromClient.stop();
    this.fromServer.stop();
  }

  #closeCode(code: RefusalCode): number {
    return this.plan.dialect.closeCode?.(code) ?? REFUSALS[code].close;
  }

  /** Tells a client that its subprotocol is deprecated, where the dialect has words for it. */
  #greet(): void {
    const note = this.plan.deprecated.get(this.protocol);
    if (note === undefined) return;
    this.#home.services.recorder.event('session.deprecated', { ...who(this), protocol: this.protocol });
    const greeting = this.plan.dialect.greet?.(note);
    if (greeting !== undefined) this.client.answer(encodeText(greeting, false));
  }
}

type Inspectors = Readonly<Record<Direction, Inspector>>;

const inspectors = new WeakMap<RoutePlan, Inspectors>();

/** The inspectors of a route, made once for all its sessions. */
function inspectorsOf(route: RoutePlan, recorder: Services['recorder']): Inspectors {
  let made = inspectors.get(route);
  if (!made) {
    made = {
      client: new Inspector(route, 'client', recorder),
      server: new Inspector(route, 'server', recorder),
    };
    inspectors.set(route, made);
  }
  return made;
}
