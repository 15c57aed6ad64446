import { REFUSALS, type RefusalCode } from '../errors.ts';
import type { Renewed } from '../pipeline/connection.ts';
import type { ClientCertificate } from '../pipeline/handshake.ts';
import type { Direction } from '../pipeline/message.ts';
import type { Principal } from '../pipeline/principal.ts';
import { type Denial, recordRefusal, who } from '../pipeline/refusals.ts';
import type { RoutePlan } from '../pipeline/route.ts';
import { standing } from '../pipeline/standing.ts';
import type { Refused } from '../pipeline/verdict.ts';
import type { CloseBody } from '../protocol/close.ts';
import { closeReason } from '../protocol/close-advice.ts';
import { encodeText } from '../protocol/encode.ts';
import type { NotResumed } from '../protocol/session-protocol.ts';
import type { Services } from '../store/services.ts';
import { carrying } from './carrying.ts';
import { inspectorsOf } from './inspectors.ts';
import { Leg, type LegOwner, PAUSE } from './leg.ts';
import type { Ending, Home, SessionParts } from './parts.ts';
import type { HeldCount } from './passage.ts';
import { type RecheckHost, recheckTime } from './recheck.ts';
import { Relay, type RelayHost } from './relay.ts';
import { renewByMessage } from './renewal.ts';
import { type Greeting, Resumption } from './resumption.ts';

/** Where sessions live. */
export type SessionHost = Home<Session>;

/** A client that says so comes back to its session: RFC 6455 section 7.4.1, or what a browser's script can say. */
const DETACHED = 4010;

function leaves(code: number | undefined): boolean {
  return code === GOING_AWAY || code === DETACHED;
}

/** To the other side of a leg that is gone, or that we have ended: RFC 6455 section 7.4.1, "going away". */
const GOING_AWAY = 1001;

/** One client, one upstream, and the two relays between them. Small: thousands of them lie idle. */
export class Session implements RecheckHost, RelayHost, LegOwner {
  readonly id: string;
  address: string;
  readonly origin: string | undefined;
  readonly host: string;
  readonly path: string;
  readonly protocol: string;
  readonly since: number;
  principal: Principal;
  bounds: readonly Principal[] | undefined = undefined;
  /** The name of the listener that it came in by. */
  listener: string;
  /** The client certificate of its connection, whatever proved the holder. */
  certificate: ClientCertificate | undefined;
  plan: RoutePlan;

  /** Its client's connection; another one when that was lost and the client came back. */
  client: Leg;
  readonly upstream: Leg;
  fromClient: Relay;
  readonly fromServer: Relay;
  /** What lets it outlive its client's connection, where the client asked for that. */
  readonly resumption: Resumption<Session> | undefined;
  /** Whether another process holds the session, and this one only carries it. */
  readonly joined: boolean;
  readonly home: SessionHost;
  #slots: Map<string, unknown> | undefined = undefined;
  #ending: Ending | undefined = undefined;
  #leaving = false;

  // Deadlines, monotonic milliseconds: wall time was looked at once, so a clock that is set harms no open session.
  readonly opened: number;
  /** When the credential runs out, without any grace; Infinity if it does not. */
  credentialEnds: number;
  /** When its identity asks about the credential again; Infinity if it does not. */
  recheckAt: number;
  /** When the client certificate runs out. */
  certificateEnds: number;
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
    this.home = host;
    this.id = id;
    this.joined = parts.joined === true;
    this.plan = this.joined ? carrying(route) : route;
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
    this.recheckAt = recheckTime(this, now);
    this.client = new Leg('client', parts.client, this);
    this.upstream = new Leg('upstream', parts.upstream.socket, this);
    this.client.peer = this.upstream;
    this.upstream.peer = this.client;
    this.resumption = resumptionOf(this, parts, host);
    const inspectors = inspectorsOf(this.plan, recorder);
    const { client, upstream, resumption } = this;
    this.fromClient = new Relay(this, inspectors.client, client, upstream, parts.deflate, resumption);
    this.fromServer = new Relay(this, inspectors.server, upstream, client, false, resumption);
    this.client.receiver = this.fromClient;
    this.upstream.receiver = this.fromServer;
  }

  get route(): string {
    return this.plan.name;
  }

  get unfinished(): HeldCount | undefined {
    return this.home.unfinished;
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
    // The key's owner alone decides T, and asks with the same one each time.
    const kept = this.#slots.get(key) as T | undefined;
    if (kept !== undefined) return kept;
    const made = make();
    this.#slots.set(key, made);
    return made;
  }

  /** Registers itself, says hello where the route wants it, and starts to read. Called once. */
  begin({ clientHead, upstream, resume }: Pick<SessionParts, 'clientHead' | 'upstream' | 'resume'>): void {
    const { recorder } = this.home.services;
    this.home.registry.add(this);
    this.resumption?.open(this.greeting(resume?.refused));
    recorder.event('session.opened', { ...who(this), protocol: this.protocol });
    this.#greet();
    if (upstream.head.length > 0) this.fromServer.receive(upstream.head);
    if (clientHead.length > 0) this.fromClient.receive(clientHead);
    const { fromServer } = this;
    upstream.read((chunk) => fromServer.receive(chunk));
    if (this.upstream.paused) this.upstream.socket.pause();
    this.client.listen();
    // They may have gone while nobody listened.
    this.client.look();
    this.upstream.look();
  }

  /** Keeps the session for a client that was lost; false if that one may not come back. */
  park(): boolean {
    const { client, resumption } = this;
    if (!resumption || (this.#ending && !resumption.farewell)) return false;
    if (resumption.parked) return true;
    const { clock, recorder } = this.home.services;
    if (!resumption.park(clock.monotonic())) return false;
    client.peer = client; // whatever it still does is of no concern to the upstream
    if (!client.gotClose) client.destroy();
    this.upstream.resume(PAUSE.sink);
    recorder.event('session.parked', { ...who(this), seconds: resumption.terms.window / 1_000 });
    return true;
  }

  /** Its client has begun another session, as this one is of no use any more. */
  supersede(): void {
    this.client.destroy();
    this.abandon();
  }

  /** Nobody comes back to it any more: if its client is gone, it ends. */
  abandon(): void {
    const parked = this.resumption?.parked;
    this.resumption?.close();
    if (!parked) return;
    if (!this.#ending) {
      this.#conclude({ initiator: 'client', close: 1006, reason: 'not resumed' });
      this.upstream.close(GOING_AWAY, '');
    }
    this.gone(this.client);
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
    if (this.#ending) {
      this.abandon();
      return;
    }
    const close = this.#closeCode(code);
    this.#ending = { initiator: 'gateway', close, code };
    this.#leaving = true;
    this.fromServer.stop();
    this.#dismiss(close, closeReason(code, after), true);
    // A client that counts sends again what was not taken: so it must not be taken now.
    if (this.resumption) this.#left();
    this.client.resume(PAUSE.leave);
  }

  /** Ends the session from our side: both legs get a Close, the client's with its row's code and its name as reason. */
  end(code: RefusalCode, reason?: string): void {
    if (this.#leaving) this.#left(); // whoever may not stay may not finish either
    if (this.#ending) {
      this.abandon();
      return;
    }
    const initiator = code === 'session_kicked' ? 'operator' : 'gateway';
    const close = this.#closeCode(code);
    this.#conclude({ initiator, close, code, ...(reason !== undefined && { reason }) });
    this.#dismiss(close, code, true);
    this.upstream.close(GOING_AWAY, '');
  }

  /** Follows a reload: its route as it is now. */
  adopt(route: RoutePlan): void {
    this.retires = Infinity;
    this.plan = this.joined ? carrying(route) : route;
    const inspectors = inspectorsOf(this.plan, this.home.services.recorder);
    this.fromClient.inspector = inspectors.client;
    this.fromServer.inspector = inspectors.server;
  }

  /** Why a guard that judges time wants it ended; undefined while all are content. */
  standing(): RefusalCode | undefined {
    if (this.plan.standing.length === 0) return undefined;
    return standing(this.plan, this, this.home.services.recorder)?.code;
  }

  /** Goes on with another credential of its holder; `renewal.ts` has judged it. */
  become(principal: Principal, bounds: readonly Principal[] | undefined): void {
    const { registry, services } = this.home;
    registry.rekey(this, () => {
      this.principal = principal;
    });
    this.bounds = bounds;
    this.credentialEnds = endOf(principal.expiresAt, services);
    this.recheckAt = recheckTime(this, services.clock.monotonic());
    this.resumption?.renewed(this.greeting().expires);
  }

  renew(token: string): Promise<Renewed | Refused> {
    return renewByMessage(this, token, this.home.services);
  }

  /** Ends the session at once if its credential has run out; true once it has. */
  expire(): boolean {
    if (this.credentialEnds === Infinity && this.certificateEnds === Infinity) return false;
    const now = this.home.services.clock.monotonic();
    if (now < this.credentialEnds + this.plan.lifetime.refreshGrace && now < this.certificateEnds)
      return false;
    this.end('session_expired');
    return true;
  }

  /** Cuts both legs at once. */
  destroy(): void {
    this.abandon();
    this.client.destroy();
    this.upstream.destroy();
  }

  violated(denial: Denial, direction: Direction): void {
    recordRefusal(this.home.services.recorder, this.plan, this, direction, denial, false);
    this.denied(denial.refused, direction);
  }

  denied({ code }: Refused, direction: Direction): void {
    if (this.#leaving && direction === 'client') this.#left();
    if (this.#ending) return;
    const close = this.#closeCode(code);
    if (direction === 'client') {
      this.#conclude({ initiator: 'gateway', close, code });
      this.#dismiss(close, code, true);
      this.upstream.close(GOING_AWAY, '');
    } else {
      // The client has done nothing wrong, and learns only that its upstream failed.
      const told = REFUSALS.upstream_invalid.close;
      this.#conclude({ initiator: 'gateway', close: told, code });
      this.upstream.close(REFUSALS[code].close, code);
      this.#dismiss(told, 'upstream_invalid', false);
    }
  }

  unreadable(direction: Direction): void {
    const leg = direction === 'client' ? this.client : this.upstream;
    leg.gotClose = true; // none that could be told from noise will come
    leg.end();
  }

  drained(leg: Leg): void {
    if (leg === this.client) this.resumption?.proceed();
  }

  closed({ code, reason }: CloseBody, direction: Direction): void {
    const [from, to] = direction === 'client' ? [this.client, this.upstream] : [this.upstream, this.client];
    from.gotClose = true;
    const parked = from.side === 'client' && leaves(code) && !this.#ending && this.park();
    if (!this.#ending && !parked) {
      this.#conclude({ initiator: from.side, close: code ?? 1005 });
      if (to.side === 'client') this.#dismiss(code, reason, false);
      else to.close(code, reason);
    }
    if (from.side === 'client' && !parked) this.resumption?.close();
    if (this.#leaving && from.side === 'client') this.#left();
    from.close(code, '');
    // The server ends the TCP connection first (RFC 6455 §7.1.1): to the client that is us. Its FIN is waited for, as
    // closing with bytes unread would reset the connection under our last ones.
    if (from.side === 'client') from.end();
  }

  finished(leg: Leg): void {
    if (leg !== this.client && leg !== this.upstream) return; // of a connection before this one
    const relay = leg.side === 'client' ? this.fromClient : this.fromServer;
    relay.shut();
    const parked = leg.side === 'client' && (this.resumption?.parked || (!leg.gotClose && this.park()));
    if (!this.#ending && !parked) this.#lost(leg);
    if (this.#leaving && leg.side === 'client') this.#left();
    if (!leg.gone) leg.finish();
  }

  gone(leg: Leg): void {
    if (leg !== this.client && leg !== this.upstream) return;
    if (!this.client.gone || !this.upstream.gone) return;
    if (this.resumption?.parked) return; // its client has not heard of the end
    this.resumption?.close();
    this.home.registry.remove(this);
    const { clock, recorder } = this.home.services;
    recorder.event('session.closed', {
      ...who(this),
      ...this.#ending,
      received: this.fromClient.messages,
      sent: this.fromServer.messages,
      seconds: (clock.monotonic() - this.opened) / 1_000,
    });
    this.home.closed?.(this);
  }

  /** A leg ended without a Close (an API would show 1006; it is never sent). */
  #lost(leg: Leg): void {
    if (leg.side === 'client') {
      this.#conclude({ initiator: 'client', close: 1006 });
      this.upstream.close(GOING_AWAY, '');
    } else {
      const { close } = REFUSALS.upstream_lost;
      this.#conclude({ initiator: 'upstream', close, code: 'upstream_lost' });
      this.#dismiss(close, 'upstream_lost', false);
    }
  }

  /** The client's last messages are through, or not wanted any more: the upstream is told. */
  #left(): void {
    this.#leaving = false;
    this.fromClient.stop();
    this.upstream.close(GOING_AWAY, '');
  }

  /** Gives the client its Close. Unless that is `final`, it can come back for it. */
  #dismiss(code: number | undefined, reason: string, final: boolean): void {
    this.resumption?.dismiss({ code, reason }, final);
    this.client.close(code, reason);
  }

  /** What its client is told of it. */
  greeting(reason?: NotResumed): Greeting {
    const expires = this.credentialEnds - this.home.services.clock.monotonic();
    return { session: this.id, expires, ...(reason && { reason }) };
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
    this.home.services.recorder.event('session.deprecated', { ...who(this), protocol: this.protocol });
    const greeting = this.plan.dialect.greet?.(note);
    if (greeting === undefined) return;
    if (this.resumption) this.resumption.answer(greeting);
    else this.client.answer(encodeText(greeting, false));
  }
}

function resumptionOf(session: Session, { route, resume }: SessionParts, { parking }: SessionHost) {
  if (!resume || !route.resume || !parking) return undefined;
  return new Resumption(session, session.client, route.resume, parking);
}

/** A moment of wall time, in milliseconds since the epoch, by the clock that only grows; Infinity for none. */
export function endOf(moment: number | undefined, { clock }: Services): number {
  return clock.monotonic() + ((moment ?? Infinity) - clock.now());
}
