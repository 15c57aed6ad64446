import { sessionProtocolOf } from '../protocol/session-protocol.ts';
import type { RouteCounters } from '../record/counters.ts';
import type { Dialect } from './dialect.ts';
import type { Guard } from './guard.ts';
import type { Identity, LastResort } from './identity.ts';
import type { RefusalAction } from './verdict.ts';

/** A guard in its place: its name for the record, and whether it only observes. */
export interface Armed {
  readonly name: string;
  readonly guard: Guard;
  readonly observe: boolean;
}

export interface NamedIdentity {
  readonly name: string;
  readonly identity: Identity;
  /** Asked where the identity cannot answer because its provider is away. */
  readonly lastResort?: LastResort | undefined;
}

/** Bounds that the frame scanner enforces itself, before there is a message to judge. */
export interface FrameLimits {
  /** Of one message, inflated, in bytes. */
  readonly maxBytes: number;
  readonly maxFragments: number;
  /** From a message's first byte to its last, in milliseconds. */
  readonly incompleteTimeout: number;
  /** Pings and pongs a second that are more than any client needs. */
  readonly maxControlRate: number;
}

/** Milliseconds throughout; Infinity where the route sets none. */
export interface Lifetime {
  readonly idle: number;
  readonly maximum: number;
  readonly heartbeat: number;
  readonly refreshGrace: number;
  /** How long a sink may stay over its high-water mark. */
  readonly slowConsumer: number;
  /** How long a peer has to answer a Close. */
  readonly closeTimeout: number;
}

/** Client headers that a backend commonly reads and that every upstream gets, in lower case. */
export const ALWAYS_PASSED: readonly string[] = [
  'origin',
  'user-agent',
  'accept-language',
  'traceparent',
  'tracestate',
];

/** What is kept of a session for a client that was lost. */
export interface ResumePlan {
  /** How long, in milliseconds. */
  readonly window: number;
  /** Messages of the server that it has not seen. */
  readonly maxMessages: number;
  /** The frames of these, in bytes. */
  readonly maxBytes: number;
}

export interface UpstreamPlan {
  readonly url: URL;
  /** Header name by principal field: `{ subject: 'X-Subject' }`. */
  readonly forward: Readonly<Record<string, string>>;
  /** Names, in lower case, of client headers that the upstream also gets (`cookie`); all others stay outside. */
  readonly passHeaders: readonly string[];
  /** To connect (TCP and TLS), in milliseconds. */
  readonly connectTimeout: number;
  /** To answer the upgrade, in milliseconds. */
  readonly handshakeTimeout: number;
  /** What to trust for `wss:` in place of the system's authorities, PEM. */
  readonly ca?: string;
}

/** One route, compiled: everything a session needs, immutable. A reload builds new ones. */
export interface RoutePlan {
  readonly name: string;
  readonly host: string | undefined;
  /** A path, or a prefix ending in `/*`. */
  readonly path: string;
  readonly identities: readonly NamedIdentity[];
  /** Guards with `onUpgrade`, in order. */
  readonly door: readonly Armed[];
  /** Guards with `onPayload` or `onMessage`, by who sent the message. */
  readonly inspect: { readonly client: readonly Armed[]; readonly server: readonly Armed[] };
  /** Guards with `onTime`, in order. */
  readonly standing: readonly Armed[];
  /** Subprotocols, most wanted first. */
  readonly protocols: readonly string[];
  /** Subprotocols marked deprecated, with what the client is told. */
  readonly deprecated: ReadonlyMap<string, string>;
  readonly upstream: UpstreamPlan;
  readonly dialect: Dialect;
  readonly onInvalid: RefusalAction;
  readonly frames: FrameLimits;
  /** Whether permessage-deflate is negotiated with clients. */
  readonly inflate: boolean;
  readonly lifetime: Lifetime;
  /** Whether the route gives tickets, and for how long one is good, in milliseconds. */
  readonly tickets?: { readonly lifetime: number } | undefined;
  /** Whether credentials are renewed by request, and whether a renewed one may have more rights than the one before. */
  readonly refresh?: { readonly widen: boolean } | undefined;
  /** Whether a client that was lost may come back to its session, and for how long and how much that is kept. */
  readonly resume?: ResumePlan | undefined;
  /** Outlives a reload: the same object for the same route name. */
  readonly counters: RouteCounters;
}

/** All that a reload swaps, at once. */
export interface Plan {
  /** Counts reloads, from 1. */
  readonly generation: number;
  readonly routes: readonly RoutePlan[];
  /** The first route that matches, exact paths before prefixes, named hosts before any. */
  match(host: string, path: string): RoutePlan | undefined;
}

/**
 * Subprotocols that both speak, as the route prefers them and not as the client does (RFC 6455 §4.2.2 leaves it to the
 * server): an upstream that takes the first it is offered takes the operator's choice.
 */
export function commonProtocols(
  { protocols, resume }: Pick<RoutePlan, 'protocols' | 'resume'>,
  offered: readonly string[],
): readonly string[] {
  return protocols.filter(
    (name) => offered.includes(name) || (resume !== undefined && offered.includes(sessionProtocolOf(name))),
  );
}
