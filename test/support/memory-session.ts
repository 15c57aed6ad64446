import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { raw } from '../../src/dialects/raw.ts';
import type { Dialled } from '../../src/pipeline/dialled.ts';
import type { RoutePlan } from '../../src/pipeline/route.ts';
import { RouteCounters } from '../../src/record/counters.ts';
import { silentRecorder } from '../../src/record/recorder.ts';
import { Registry } from '../../src/session/registry.ts';
import type { Session, SessionHost } from '../../src/session/session.ts';
import { createServices } from '../../src/store/services.ts';
import { fakeContext, fakeHandshake, fakePrincipal } from './guard.ts';
import { MemorySocket } from './memory-socket.ts';
import { openSession } from './open-session.ts';
import { type PeerOptions, RawPeer } from './raw-peer.ts';

/** A route that lets everything pass that is a message: no guards, payloads raw, no deadlines. */
export function openRoute(frames: Partial<RoutePlan['frames']> = {}): RoutePlan {
  const never = Number.POSITIVE_INFINITY;
  return {
    name: 'open',
    host: undefined,
    path: '/',
    identities: [],
    door: [],
    inspect: { client: [], server: [] },
    protocols: [],
    standing: [],
    deprecated: new Map(),
    upstream: {
      url: new URL('ws://127.0.0.1'),
      forward: {},
      passHeaders: [],
      connectTimeout: 1_000,
      handshakeTimeout: 1_000,
    },
    dialect: raw.create({ frames: 'both' }, fakeContext()),
    onInvalid: 'close',
    frames: {
      maxBytes: 65_536,
      maxFragments: 64,
      incompleteTimeout: never,
      maxControlRate: never,
      ...frames,
    },
    inflate: true,
    lifetime: {
      idle: never,
      maximum: never,
      heartbeat: never,
      refreshGrace: 0,
      slowConsumer: never,
      closeTimeout: never,
    },
    counters: new RouteCounters('open'),
  };
}

/** A host with nothing in it; sessions in tests that need none of its parts share one. */
export function openHost(): SessionHost {
  return { services: createServices(silentRecorder), registry: new Registry() };
}

let sessions = 0;

/** A session between two sockets, as if an upgrade had just been let in. */
export function sessionBetween(
  client: Duplex,
  upstream: Duplex,
  route: RoutePlan,
  deflate = false,
  host: SessionHost = openHost(),
): Session {
  const nothing = Buffer.alloc(0);
  const dialled: Dialled = {
    socket: upstream as Socket, // a session uses no more of it than a Duplex has
    head: nothing,
    protocol: '',
    read: (onChunk) => void upstream.on('data', onChunk),
  };
  sessions++;
  return openSession(
    {
      id: `session-${sessions}`,
      route,
      handshake: HANDSHAKE,
      principal: PRINCIPAL,
      protocol: '',
      deflate,
      client,
      clientHead: nothing,
      upstream: dialled,
    },
    host,
  );
}

const HANDSHAKE = fakeHandshake();
const PRINCIPAL = fakePrincipal();

export interface MemoryPair {
  readonly client: RawPeer;
  readonly upstream: RawPeer;
  readonly session: Session;
}

/** A session in memory, and a raw peer at each of its ends. */
export function memoryPair(
  route: RoutePlan,
  options: { deflate?: boolean; client?: Partial<PeerOptions>; upstream?: Partial<PeerOptions> } = {},
): MemoryPair {
  const [outside, clientLeg] = MemorySocket.pair();
  const [upstreamLeg, inside] = MemorySocket.pair();
  const client = new RawPeer(outside, { ...options.client, client: true });
  const upstream = new RawPeer(inside, { ...options.upstream, client: false });
  const session = sessionBetween(clientLeg, upstreamLeg, route, options.deflate ?? false);
  return { client, upstream, session };
}
