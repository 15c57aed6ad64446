import { REFUSAL_CODES } from '../errors.ts';
import { NOT_RESUMED } from '../protocol/session-protocol.ts';
import { HEALTH_CHECKS } from './health.ts';
import { LABELS, type LabelValues } from './labels.ts';
import { OVERLOAD_STATES } from './overload-states.ts';

const OVERLOAD_NAMES = Object.keys(OVERLOAD_STATES);

/** Upper bounds in seconds. */
const QUICK = [0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.01, 0.1] as const;
const USUAL = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
const LONG = [1, 10, 60, 600, 3_600, 14_400, 43_200, 86_400] as const;

export interface MetricRow {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly unit: 'events' | 'seconds' | 'bytes' | 'messages' | 'connections' | 'state';
  /** Label name → the values it may have. Never an identity, an address, or anything a client chose. */
  readonly labels: Readonly<Record<string, LabelValues>>;
  /** Of a histogram: upper bounds, without +Inf. */
  readonly buckets?: readonly number[];
  /** Of a gauge: what the values of several worker processes come to; their sum where absent. */
  readonly workers?: 'min' | 'max';
  readonly meaning: string;
}

const {
  listener,
  route,
  identity,
  guard,
  protocol,
  certificate,
  transmitter,
  direction,
  mode,
  code,
  close,
  decision,
  success,
} = LABELS;

/** Every metric the gateway exposes, one row each: the registry and the docs derive from it. */
export const METRICS = {
  // arrivals
  sallyport_connections_refused_total: {
    type: 'counter',
    unit: 'connections',
    labels: { listener, code },
    meaning: 'Connections ended by the listener before they said anything in HTTP.',
  },
  sallyport_tls_failures_total: {
    type: 'counter',
    unit: 'connections',
    labels: { listener },
    meaning: 'TLS handshakes that failed.',
  },
  sallyport_handshakes_total: {
    type: 'counter',
    unit: 'events',
    labels: { listener, route, outcome: decision },
    meaning: 'Upgrade requests decided: `accepted`, or the code of the refusal.',
  },
  sallyport_handshake_seconds: {
    type: 'histogram',
    unit: 'seconds',
    labels: { listener },
    buckets: USUAL,
    meaning: 'From a complete upgrade request to its 101 or its refusal, the dial of the upstream included.',
  },
  sallyport_requests_total: {
    type: 'counter',
    unit: 'events',
    labels: { operation: ['tickets', 'refresh', 'events'], route, outcome: ['answered', ...REFUSAL_CODES] },
    meaning: 'Requests under `/.well-known/sallyport/`: `answered`, or the code of the refusal.',
  },
  sallyport_identifications_total: {
    type: 'counter',
    unit: 'events',
    labels: { identity, outcome: decision },
    meaning: 'Answers of identities that were responsible: `accepted`, or the code of the refusal.',
  },
  sallyport_identification_seconds: {
    type: 'histogram',
    unit: 'seconds',
    labels: { identity },
    buckets: USUAL,
    meaning: 'How long a responsible identity took to answer.',
  },

  // sessions
  sallyport_connections: {
    type: 'gauge',
    unit: 'connections',
    labels: { route },
    meaning: 'Sessions that are open now.',
  },
  sallyport_sessions_opened_total: {
    type: 'counter',
    unit: 'connections',
    labels: { route },
    meaning: 'Sessions opened; with the disconnects, the churn.',
  },
  sallyport_disconnects_total: {
    type: 'counter',
    unit: 'connections',
    labels: { route, initiator: ['client', 'upstream', 'gateway', 'operator'], close, code },
    meaning: 'Sessions ended: who ended it, the close code, and the refusal code where the gateway refused.',
  },
  sallyport_session_seconds: {
    type: 'histogram',
    unit: 'seconds',
    labels: { route },
    buckets: LONG,
    meaning: 'How old sessions were when they ended.',
  },
  sallyport_sessions_parked_total: {
    type: 'counter',
    unit: 'connections',
    labels: { route },
    meaning: 'Sessions that lost their client and were kept for it.',
  },
  sallyport_resumptions_total: {
    type: 'counter',
    unit: 'events',
    labels: { route, outcome: ['resumed', 'denied', ...Object.keys(NOT_RESUMED)] },
    meaning: 'Claims to a session: `resumed`, or why not.',
  },
  sallyport_sessions_parked: {
    type: 'gauge',
    unit: 'connections',
    labels: {},
    meaning: 'Sessions that wait for their clients.',
  },
  sallyport_journal_bytes: {
    type: 'gauge',
    unit: 'bytes',
    labels: {},
    meaning: 'Memory that holds what clients have not seen yet, for those that may be lost.',
  },
  sallyport_deprecated_sessions_total: {
    type: 'counter',
    unit: 'connections',
    labels: { route, protocol },
    meaning: 'Sessions opened with a subprotocol that is marked deprecated.',
  },

  sallyport_renewals_total: {
    type: 'counter',
    unit: 'events',
    labels: {
      route,
      by: ['message', 'request', 'provider'],
      outcome: ['renewed', ...REFUSAL_CODES],
    },
    meaning: 'New credentials for open sessions: `renewed`, or the code of the refusal.',
  },

  // messages
  sallyport_messages_total: {
    type: 'counter',
    unit: 'messages',
    labels: { route, direction, outcome: ['forwarded', 'refused'] },
    meaning: 'Messages by the side that sent them and what became of them.',
  },
  sallyport_message_bytes_total: {
    type: 'counter',
    unit: 'bytes',
    labels: { route, direction },
    meaning: 'Payload of the messages that were forwarded, as received.',
  },
  sallyport_message_seconds: {
    type: 'histogram',
    unit: 'seconds',
    labels: { route, direction },
    buckets: QUICK,
    meaning: 'Time a message spent in the gateway, from the read of its last byte to its write. Sampled.',
  },
  sallyport_refusals_total: {
    type: 'counter',
    unit: 'events',
    labels: { route, direction, guard, code, mode },
    meaning:
      'Refusals by guards at the door and of messages, by the frame scanner (`frames`) and by the dialect (`dialect`). `observed` ones were let pass.',
  },

  // certificates, keys, configuration
  sallyport_certificate_expiry_timestamp_seconds: {
    type: 'gauge',
    unit: 'seconds',
    labels: { listener, certificate },
    workers: 'min',
    meaning: 'When a certificate in service runs out, in seconds since the epoch.',
  },
  sallyport_certificate_rotations_total: {
    type: 'counter',
    unit: 'events',
    labels: { listener, outcome: success },
    meaning: 'Certificates loaded, and attempts that left the old ones in service.',
  },
  sallyport_key_refreshes_total: {
    type: 'counter',
    unit: 'events',
    labels: { identity, outcome: success },
    meaning: 'Fetches of signing keys from an identity provider.',
  },
  sallyport_signals_total: {
    type: 'counter',
    unit: 'events',
    labels: { transmitter, outcome: ['accepted', 'ignored', 'refused'] },
    meaning: 'Security events by who sent them, `none` where nobody could tell, and what became of them.',
  },
  sallyport_emergency_admissions_total: {
    type: 'counter',
    unit: 'events',
    labels: { identity },
    meaning: 'Credentials that were believed in emergency mode, while their provider was away.',
  },
  sallyport_circuit_changes_total: {
    type: 'counter',
    unit: 'events',
    labels: { identity, outcome: ['opened', 'closed'] },
    meaning:
      'Circuits to identity providers that opened, and that closed again; the difference is what is open now.',
  },
  sallyport_upstream_changes_total: {
    type: 'counter',
    unit: 'events',
    labels: { route, outcome: ['lost', 'back'] },
    meaning:
      'Upstreams that could not be reached any more, and that were back; the difference is what is away now.',
  },
  sallyport_reloads_total: {
    type: 'counter',
    unit: 'events',
    labels: { outcome: success },
    meaning: 'Configurations put in service, and attempts that changed nothing.',
  },
  sallyport_configuration_generation: {
    type: 'gauge',
    unit: 'state',
    labels: {},
    workers: 'min',
    meaning: 'The generation of the configuration in service; 1 at the start.',
  },

  // the process
  sallyport_workers: {
    type: 'gauge',
    unit: 'state',
    labels: {},
    meaning: 'Processes that serve, and answer.',
  },
  sallyport_workers_lost_total: {
    type: 'counter',
    unit: 'events',
    labels: { cause: ['exit', 'signal', 'silent', 'start', 'fault'] },
    meaning: 'Worker processes that ended though nobody asked them to, and were replaced.',
  },
  sallyport_health: {
    type: 'gauge',
    unit: 'state',
    labels: { check: Object.keys(HEALTH_CHECKS) },
    workers: 'min',
    meaning: '1 while the named check of the health report is well, 0 while it is not.',
  },
  sallyport_overload: {
    type: 'gauge',
    unit: 'state',
    labels: { state: OVERLOAD_NAMES },
    meaning: '1 while the gateway is in this state of being short of something.',
  },
  sallyport_overloads_total: {
    type: 'counter',
    unit: 'events',
    labels: { state: OVERLOAD_NAMES },
    meaning: 'How often it came into this state.',
  },
  sallyport_admission_waiting: {
    type: 'gauge',
    unit: 'connections',
    labels: {},
    meaning: 'Connections that wait until their handshake may begin.',
  },
  sallyport_admission_under_way: {
    type: 'gauge',
    unit: 'connections',
    labels: {},
    meaning: 'Connections whose handshake has begun, and whose request has not been read.',
  },
  sallyport_admission_rate: {
    type: 'gauge',
    unit: 'events',
    labels: {},
    meaning: 'Handshakes that may begin in a second: what the machine can do, as the event loop shows it.',
  },
  sallyport_unfinished_bytes: {
    type: 'gauge',
    unit: 'bytes',
    labels: {},
    meaning: 'Held for messages that have begun and are not whole, on all connections.',
  },
  sallyport_faults_total: {
    type: 'counter',
    unit: 'events',
    labels: {},
    meaning: 'Parts of Sallyport that threw or ran out of time. Any of them is worth a look.',
  },
  sallyport_admin_requests_total: {
    type: 'counter',
    unit: 'events',
    labels: { outcome: ['done', 'failed', 'refused'] },
    meaning: 'Requests to the admin listener that act or were refused.',
  },
  sallyport_log_lines_suppressed_total: {
    type: 'counter',
    unit: 'events',
    labels: {},
    meaning: 'Events that were counted but not logged one by one, because they came in a flood.',
  },
  sallyport_log_lines_lost_total: {
    type: 'counter',
    unit: 'events',
    labels: {},
    meaning: 'Log lines that the destination did not take in time or at all.',
  },
  sallyport_event_loop_delay_seconds: {
    type: 'histogram',
    unit: 'seconds',
    labels: {},
    buckets: USUAL,
    meaning: 'The longest delay of the event loop in each second.',
  },
  sallyport_heap_used_bytes: {
    type: 'gauge',
    unit: 'bytes',
    labels: {},
    meaning: 'Heap in use by JavaScript.',
  },
  sallyport_heap_limit_bytes: {
    type: 'gauge',
    unit: 'bytes',
    labels: {},
    meaning: 'What the heap may grow to.',
  },
  sallyport_external_memory_bytes: {
    type: 'gauge',
    unit: 'bytes',
    labels: {},
    meaning: 'Memory outside the heap that JavaScript holds: buffers.',
  },
  sallyport_resident_memory_bytes: {
    type: 'gauge',
    unit: 'bytes',
    labels: {},
    meaning: 'Memory of the whole process.',
  },
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof METRICS;

type NamesOf<T extends MetricRow['type']> = {
  [K in MetricName]: (typeof METRICS)[K]['type'] extends T ? K : never;
}[MetricName];

export type CounterName = NamesOf<'counter'>;
export type GaugeName = NamesOf<'gauge'>;
export type HistogramName = NamesOf<'histogram'>;
