import type { Socket } from 'node:net';
import { expect } from 'vitest';
import { fromValues, isLoaded } from '../../src/config/load.ts';
import { compilePlan, isPlan } from '../../src/config/plan.ts';
import type { RefusalCode } from '../../src/errors.ts';
import { admit } from '../../src/pipeline/admit.ts';
import type { Handshake } from '../../src/pipeline/handshake.ts';
import type { Principal } from '../../src/pipeline/principal.ts';
import type { RoutePlan } from '../../src/pipeline/route.ts';
import { Registry } from '../../src/session/registry.ts';
import type { Session } from '../../src/session/session.ts';
import { createServices, type Services } from '../../src/store/services.ts';
import { fakeCandidate, fakeHandshake, fakePrincipal, ManualClock } from './guard.ts';
import { Journal } from './journal.ts';
import { MemorySocket } from './memory-socket.ts';
import { openSession } from './open-session.ts';
import { text } from './raw-frames.ts';
import { RawPeer } from './raw-peer.ts';

/** A message that every route here lets pass, unless it is written to refuse all. */
export const HARMLESS = '{"type":"chat.ping"}';

/** A route whose client is a JSON client that is told of refusals; what a test writes replaces the keys here. */
const ROUTE = {
  name: 'chat',
  match: { path: '/*' },
  origins: 'none-required',
  identify: ['visitors'],
  upstream: { url: 'ws://127.0.0.1:9' },
  dialect: { json: { type: '/type', refusal: '{"refused":{code},"retryAfter":{retryAfter}}' } },
};

/** One route, compiled from configuration as `sallyport serve` would, and what was said about it. */
export class Guarded {
  readonly clock = new ManualClock();
  readonly journal = new Journal();
  readonly services: Services = createServices(this.journal.record, this.clock);
  route: RoutePlan;
  #ids = 0;

  constructor(written: Record<string, unknown> = {}, identities: Record<string, unknown> = {}) {
    this.route = this.compile(written, identities);
  }

  /** Compiles the route anew over the same services, as a reload does. */
  compile(written: Record<string, unknown>, identities: Record<string, unknown> = {}): RoutePlan {
    const listener = {
      address: '127.0.0.1:0',
      tls: { certificates: [{ cert: 'cert.pem', key: 'key.pem' }] },
    };
    const values = {
      listeners: { public: listener },
      identities: { visitors: { anonymous: {} }, ...identities },
      routes: [{ ...ROUTE, ...written }],
    };
    const loaded = fromValues(values, import.meta.dirname);
    if (!isLoaded(loaded)) throw new Error(loaded.map(({ message }) => message).join('\n'));
    const plan = compilePlan(loaded, this.services);
    if (!isPlan(plan)) throw new Error(plan.map(({ message }) => message).join('\n'));
    return plan.routes[0]!;
  }

  /** Asks the door: the code of the refusal, or `pass`. */
  async knock(
    handshake: Partial<Handshake> = {},
    principal: Partial<Principal> = {},
  ): Promise<RefusalCode | 'pass'> {
    const denied = await admit(this.route, fakeCandidate(handshake, principal), this.services.recorder);
    return denied?.refused.code ?? 'pass';
  }

  /** A session as after a 101, with a raw peer at each end. */
  connect(
    principal: Partial<Principal> = {},
    handshake: Partial<Handshake> = {},
    protocol = '',
  ): GuardedPair {
    const [outside, clientLeg] = MemorySocket.pair();
    const [upstreamLeg, inside] = MemorySocket.pair();
    const session = openSession(
      {
        id: `session-${++this.#ids}`,
        route: this.route,
        handshake: fakeHandshake(handshake),
        principal: fakePrincipal(principal),
        protocol,
        deflate: false,
        client: clientLeg,
        clientHead: Buffer.alloc(0),
        upstream: {
          socket: upstreamLeg as unknown as Socket, // a session uses no more of it than a Duplex has
          head: Buffer.alloc(0),
          protocol,
          read: (onChunk) => void upstreamLeg.on('data', onChunk),
        },
      },
      { services: this.services, registry: new Registry() },
    );
    const client = new RawPeer(outside, { client: true });
    const upstream = new RawPeer(inside, { client: false });
    return new GuardedPair(client, upstream, session, this.journal);
  }
}

/** A client and an upstream with a gateway between them. */
export class GuardedPair {
  readonly client: RawPeer;
  readonly upstream: RawPeer;
  readonly session: Session;
  readonly #journal: Journal;

  constructor(client: RawPeer, upstream: RawPeer, session: Session, journal: Journal) {
    this.client = client;
    this.upstream = upstream;
    this.session = session;
    this.#journal = journal;
  }

  /** Sends a text message: the code it is refused with, by an answer or a close, or `pass` once the upstream has it. */
  async send(message: string): Promise<string> {
    const { client, upstream } = this;
    const [told, forwarded] = [client.received.length, upstream.received.length];
    const holds = () => client.received.length > told || upstream.received.length > forwarded;
    client.send(text(message));
    await Promise.race([client.until(holds, 'an answer'), upstream.until(holds, 'a message')]);
    const answer = client.received[told];
    if (answer?.kind === 'close') return String(answer.code);
    if (answer) return (JSON.parse(answer.payload.toString()) as { refused: string }).refused;
    expect(upstream.received[forwarded]?.payload.toString()).toBe(message);
    return 'pass';
  }

  /**
   * Sends a message that must be refused with this code, and sees that nothing of it went through, that it was recorded
   * once and without what it said, and that the connection is as good as before.
   */
  async refuses(message: string, code: RefusalCode): Promise<void> {
    const recorded = this.#journal.named('message.refused').length;
    const forwarded = this.upstream.received.length;
    expect(await this.send(message), message.slice(0, 80)).toBe(code);
    expect(this.upstream.received.length).toBe(forwarded);
    const records = this.#journal.named('message.refused').slice(recorded);
    expect(records.map((record) => record.code)).toEqual([code]);
    expect(await this.send(HARMLESS)).toBe('pass');
  }

  end(): void {
    this.client.destroy();
    this.upstream.destroy();
  }
}
