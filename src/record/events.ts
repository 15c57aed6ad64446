import type { CounterName, HistogramName } from './metrics.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** A constant, or the name of the field that says it. */
export type LabelSource = string | { readonly field: string };

export interface EventRow {
  readonly level: Level;
  /** The fields it may carry; the recorder drops any other. */
  readonly fields: readonly string[];
  readonly meaning: string;
  /** Counters that go up by one. A label that is not given here is taken from the field of the same name. */
  readonly counts?: Readonly<Partial<Record<CounterName, Readonly<Record<string, LabelSource>>>>>;
  /** Histograms that take the field `seconds`. */
  readonly times?: readonly HistogramName[];
  /** Never thinned out in a flood: each one is logged. */
  readonly whole?: true;
}

const WHO = ['identity', 'subject', 'tenant', 'address'] as const;
const UPGRADE = ['session', 'listener', 'route', 'host', 'path', 'origin', ...WHO] as const;
const SESSION = ['session', 'route', ...WHO] as const;

/** Everything the gateway says, one row each: log lines, docs and metrics derive from it. */
export const EVENTS = {
  // the process
  'gateway.started': {
    level: 'info',
    fields: ['address', 'listener', 'generation'],
    meaning: 'A listener is open.',
    whole: true,
  },
  'gateway.stopped': {
    level: 'info',
    fields: ['sessions'],
    meaning: 'All listeners are closed; `sessions` counts those that had to be cut.',
    whole: true,
  },
  'gateway.reloaded': {
    level: 'info',
    fields: ['generation', 'cause', 'changed', 'routes', 'drained', 'seconds'],
    meaning:
      'The configuration was read anew and is in service. Where it has `changed`, `drained` counts the sessions whose route or identity is gone.',
    counts: { sallyport_reloads_total: { outcome: 'done' } },
    whole: true,
  },
  'gateway.reload_failed': {
    level: 'error',
    fields: ['generation', 'cause', 'file', 'line', 'error', 'problems'],
    meaning: 'A configuration was not taken; the old one stays in service. Names the first problem.',
    counts: { sallyport_reloads_total: { outcome: 'failed' } },
    whole: true,
  },
  'schema.open': {
    level: 'warn',
    fields: ['route', 'file', 'type'],
    meaning: 'A schema does not say whether members that it does not name may come, so any may.',
    whole: true,
  },
  'gateway.fault': {
    level: 'error',
    fields: ['where', 'error', 'session', 'route'],
    meaning: 'A part of Sallyport threw; the work it did was refused.',
    counts: { sallyport_faults_total: {} },
  },
  'state.lost': {
    level: 'error',
    fields: ['kind', 'reason'],
    meaning:
      'What nodes share cannot be read or written: limits do what `fail` says, and what was revoked until now stays revoked.',
    whole: true,
  },
  'state.back': {
    level: 'info',
    fields: ['kind', 'seconds'],
    meaning: 'What nodes share can be read and written again, after `seconds`, and is read anew.',
    whole: true,
  },
  'state.emptied': {
    level: 'error',
    fields: ['kind'],
    meaning:
      'What nodes share has been lost where it is kept: what was revoked is written there again, what was used of quotas is forgotten.',
    whole: true,
  },
  'revocation.unshared': {
    level: 'error',
    fields: ['by', 'reason'],
    meaning:
      'A revocation, or the end of one, is in force here and not kept, or not told to others yet: that is done when what nodes share is back.',
    whole: true,
  },
  'overload.entered': {
    level: 'warn',
    fields: ['state', 'value', 'limit'],
    meaning:
      'The gateway is short of memory or time. In the states `full` and `delayed` it admits nobody new; while `shrinking` it makes room.',
    counts: { sallyport_overloads_total: {} },
    whole: true,
  },
  'overload.left': {
    level: 'info',
    fields: ['state', 'seconds'],
    meaning: 'The gateway is not in this state any more.',
    whole: true,
  },
  'overload.relieved': {
    level: 'warn',
    fields: ['sessions'],
    meaning: 'To make room on the heap, so many sessions were ended that had been silent longest.',
    whole: true,
  },
  'storm.began': {
    level: 'warn',
    fields: ['waiting', 'rate'],
    meaning:
      'For a second, more connections have come than handshakes may begin: `waiting` for their turn, at `rate` a second.',
    whole: true,
  },
  'storm.ended': {
    level: 'info',
    fields: ['admitted', 'refused', 'rate', 'seconds'],
    meaning:
      'Nobody waits any more. `admitted` had waited, `refused` would have waited too long and were reset.',
    whole: true,
  },
  'drain.started': {
    level: 'info',
    fields: ['cause', 'sessions', 'seconds'],
    meaning: 'Nobody new is admitted, and the sessions are being closed over `seconds`.',
    whole: true,
  },
  'drain.finished': {
    level: 'info',
    fields: ['closed', 'left', 'seconds'],
    meaning: 'The drain is over; `left` counts the sessions that had to be cut.',
    whole: true,
  },

  // the workers
  'worker.started': {
    level: 'info',
    fields: ['number', 'pid', 'seconds'],
    meaning: 'A worker process serves; `seconds` after it was forked.',
    whole: true,
  },
  'worker.lost': {
    level: 'error',
    fields: ['number', 'pid', 'cause', 'exit', 'signal', 'error', 'seconds'],
    meaning:
      'A worker process ended though nobody asked it to, after `seconds`. Its sessions are gone, the others serve, and another takes its place.',
    counts: { sallyport_workers_lost_total: {} },
    whole: true,
  },
  'worker.silent': {
    level: 'warn',
    fields: ['number', 'pid', 'seconds'],
    meaning:
      'A worker process has not answered for `seconds`: its sessions stand still, the others serve. After a minute it is killed, and another takes its place.',
    whole: true,
  },
  'worker.heard': {
    level: 'info',
    fields: ['number', 'pid', 'seconds'],
    meaning: 'A worker process that was silent answers again, after `seconds`; its sessions go on.',
    whole: true,
  },
  'worker.crash_loop': {
    level: 'error',
    fields: ['number', 'failures', 'error', 'seconds'],
    meaning:
      'A worker process ended soon after its start several times in a row; the next try is in `seconds`.',
    whole: true,
  },

  // arrivals
  'connection.refused': {
    level: 'warn',
    fields: ['listener', 'address', 'peer', 'code', 'reason'],
    meaning: 'The listener ended a connection before it said anything in HTTP.',
    counts: { sallyport_connections_refused_total: {} },
  },
  'tls.failed': {
    level: 'info',
    fields: ['listener', 'address', 'peer', 'error'],
    meaning: 'A TLS handshake failed.',
    counts: { sallyport_tls_failures_total: {} },
  },
  'upgrade.accepted': {
    level: 'info',
    fields: [...UPGRADE, 'emergency', 'protocol', 'tls', 'seconds'],
    meaning: 'An upgrade passed every check, its upstream answered, and the 101 was written.',
    counts: { sallyport_handshakes_total: { outcome: 'accepted' } },
    times: ['sallyport_handshake_seconds'],
  },
  'upgrade.refused': {
    level: 'warn',
    fields: [...UPGRADE, 'peer', 'guard', 'code', 'reason', 'status', 'seconds'],
    meaning: 'An upgrade was refused before any 101.',
    counts: { sallyport_handshakes_total: { outcome: { field: 'code' } } },
    times: ['sallyport_handshake_seconds'],
  },
  'upgrade.observed': {
    level: 'warn',
    fields: [...UPGRADE, 'guard', 'code', 'reason'],
    meaning: 'A guard in observe mode would have refused this upgrade.',
  },
  'request.answered': {
    level: 'debug',
    fields: ['operation', ...UPGRADE, 'status', 'seconds'],
    meaning: 'A request under `/.well-known/sallyport/` was answered.',
    counts: { sallyport_requests_total: { outcome: 'answered' } },
  },
  'request.refused': {
    level: 'warn',
    fields: ['operation', ...UPGRADE, 'code', 'reason', 'status', 'seconds'],
    meaning: 'A request under `/.well-known/sallyport/` was refused.',
    counts: { sallyport_requests_total: { outcome: { field: 'code' } } },
  },
  'identity.answered': {
    level: 'debug',
    fields: [...WHO, 'outcome', 'reason', 'seconds'],
    meaning: 'A responsible identity answered: `accepted`, or the code of its refusal.',
    counts: { sallyport_identifications_total: {} },
    times: ['sallyport_identification_seconds'],
  },
  'identity.locked': {
    level: 'warn',
    fields: [...WHO, 'reason', 'seconds'],
    meaning: 'Too many failed attempts: this name or address is not checked for `seconds`.',
  },

  // sessions
  'session.opened': {
    level: 'debug',
    fields: [...SESSION, 'protocol'],
    meaning: 'A session began to relay.',
    counts: { sallyport_sessions_opened_total: {} },
  },
  'session.deprecated': {
    level: 'info',
    fields: [...SESSION, 'protocol'],
    meaning: 'A session speaks a subprotocol that is marked deprecated.',
    counts: { sallyport_deprecated_sessions_total: {} },
  },
  'session.parked': {
    level: 'info',
    fields: [...SESSION, 'seconds'],
    meaning:
      'A client was lost that may come back to its session within `seconds`; the upstream is read for it meanwhile.',
    counts: { sallyport_sessions_parked_total: {} },
  },
  'session.resumed': {
    level: 'info',
    fields: [...SESSION, 'messages', 'seconds'],
    meaning:
      'A client came back to its session, `seconds` after it was lost, and is sent `messages` that it has not seen.',
    counts: { sallyport_resumptions_total: { outcome: 'resumed' } },
  },
  'session.resume_refused': {
    level: 'info',
    fields: [...SESSION, 'reason'],
    meaning:
      'A client did not get the session that it claimed; it begins a new one, unless it was no holder.',
    counts: { sallyport_resumptions_total: { outcome: { field: 'reason' } } },
  },
  'credential.renewed': {
    level: 'info',
    fields: [...SESSION, 'by', 'bounds'],
    meaning:
      'An open session has a new credential. `by` tells who brought it: the client in a message or by a request, or the provider that was asked again; `bounds` counts the earlier rights that still bound those it has.',
    counts: { sallyport_renewals_total: { outcome: 'renewed' } },
  },
  'credential.refused': {
    level: 'warn',
    fields: [...SESSION, 'by', 'code', 'reason', 'bounds'],
    meaning: 'A new credential for an open session was refused.',
    counts: { sallyport_renewals_total: { outcome: { field: 'code' } } },
  },
  'session.closed': {
    level: 'info',
    fields: [...SESSION, 'initiator', 'close', 'code', 'reason', 'received', 'sent', 'seconds'],
    meaning:
      'A session ended. `received` counts messages that came from the client, `sent` those it was sent.',
    counts: { sallyport_disconnects_total: {} },
    times: ['sallyport_session_seconds'],
  },
  'message.refused': {
    level: 'warn',
    fields: [...SESSION, 'direction', 'type', 'guard', 'code', 'reason', 'action'],
    meaning: 'A message was refused; it did not reach the other side. Counted by the route.',
  },
  'message.observed': {
    level: 'warn',
    fields: [...SESSION, 'direction', 'type', 'guard', 'code', 'reason'],
    meaning: 'A guard in observe mode would have refused this message. Counted by the route.',
  },

  // certificates and keys
  'certificate.loaded': {
    level: 'info',
    fields: ['listener', 'certificate', 'serial', 'names', 'expires', 'previous', 'warnings'],
    meaning: 'A certificate is in service; `previous` is the serial number it replaced.',
    counts: { sallyport_certificate_rotations_total: { outcome: 'done' } },
    whole: true,
  },
  'certificate.rotation_failed': {
    level: 'error',
    fields: ['listener', 'certificate', 'file', 'error'],
    meaning: 'A certificate, key, CA or CRL file was not taken; the old one stays in service.',
    counts: { sallyport_certificate_rotations_total: { outcome: 'failed' } },
    whole: true,
  },
  'certificate.expiring': {
    level: 'warn',
    fields: ['listener', 'certificate', 'serial', 'expires', 'days'],
    meaning: 'A certificate in service runs out in `days`; said at 30, 7 and 1.',
    whole: true,
  },
  'keys.refreshed': {
    level: 'info',
    fields: ['identity', 'source', 'keys', 'seconds'],
    meaning: 'Signing keys were fetched from an identity provider.',
    counts: { sallyport_key_refreshes_total: { outcome: 'done' } },
  },
  'keys.failed': {
    level: 'error',
    fields: ['identity', 'source', 'error'],
    meaning: 'Signing keys could not be fetched; the ones at hand are used while they may be.',
    counts: { sallyport_key_refreshes_total: { outcome: 'failed' } },
  },
  'keys.refused': {
    level: 'error',
    fields: ['identity', 'source', 'reason'],
    meaning:
      'An identity provider publishes a key that is private, weak or broken; it verifies nothing here.',
  },
  'circuit.opened': {
    level: 'error',
    fields: ['identity', 'source', 'failures', 'error', 'seconds'],
    meaning:
      'An identity provider failed several times in a row. It is left alone for `seconds`, and then asked once at a time until it answers.',
    counts: { sallyport_circuit_changes_total: { outcome: 'opened' } },
    whole: true,
  },
  'circuit.closed': {
    level: 'info',
    fields: ['identity', 'source', 'seconds'],
    meaning: 'An identity provider answers again, after `seconds`.',
    counts: { sallyport_circuit_changes_total: { outcome: 'closed' } },
    whole: true,
  },

  'upstream.lost': {
    level: 'error',
    fields: ['route', 'upstream', 'failures', 'error', 'seconds'],
    meaning:
      'An upstream could not be reached several times in a row. It is left alone for `seconds`, and then tried by one client at a time until it can be.',
    counts: { sallyport_upstream_changes_total: { outcome: 'lost' } },
    whole: true,
  },
  'upstream.back': {
    level: 'info',
    fields: ['route', 'upstream', 'seconds'],
    meaning: 'An upstream can be reached again, after `seconds`.',
    counts: { sallyport_upstream_changes_total: { outcome: 'back' } },
    whole: true,
  },

  // security events, and emergencies
  'signal.accepted': {
    level: 'info',
    fields: ['transmitter', 'token', 'type', 'target', 'affected'],
    meaning:
      'A security event was taken: `target` is what it revokes, `affected` counts the sessions that it ended here.',
    counts: { sallyport_signals_total: { outcome: 'accepted' } },
    whole: true,
  },
  'signal.ignored': {
    level: 'info',
    fields: ['transmitter', 'token', 'type', 'reason'],
    meaning: 'A security event that is good, and from which nothing follows here.',
    counts: { sallyport_signals_total: { outcome: 'ignored' } },
  },
  'signal.refused': {
    level: 'warn',
    fields: ['transmitter', 'address', 'error', 'reason'],
    meaning: 'A security event token was refused, or could not be judged just now; nothing came of it.',
    counts: { sallyport_signals_total: { outcome: 'refused' } },
  },
  'emergency.on': {
    level: 'warn',
    fields: ['who', 'reason', 'until', 'seconds'],
    meaning:
      'An operator has switched emergency mode on, for `seconds`: what was known of credentials before their provider went away is believed, of those whom the configuration lists.',
    whole: true,
  },
  'emergency.off': {
    level: 'info',
    fields: ['who'],
    meaning: 'An operator has ended emergency mode.',
    whole: true,
  },
  'emergency.ended': {
    level: 'info',
    fields: [],
    meaning: 'The time of emergency mode has come to its end.',
    whole: true,
  },
  'emergency.admitted': {
    level: 'warn',
    fields: [...WHO, 'seconds'],
    meaning: 'Somebody was believed by what was known before the provider went away; in `seconds` that ends.',
    counts: { sallyport_emergency_admissions_total: {} },
    whole: true,
  },

  // the operator
  'admin.started': {
    level: 'info',
    fields: ['address'],
    meaning: 'The admin listener is open.',
    whole: true,
  },
  'admin.action': {
    level: 'info',
    fields: ['who', 'operation', 'target', 'address', 'status', 'outcome', 'affected', 'seconds'],
    meaning: 'Somebody with a token asked for sessions or certificates, or changed something: who, and what.',
    counts: { sallyport_admin_requests_total: {} },
    whole: true,
  },
  'admin.refused': {
    level: 'warn',
    fields: ['who', 'address', 'method', 'path', 'status', 'reason'],
    meaning: 'The admin listener refused a request: no token, a wrong one, a foreign Host.',
    counts: { sallyport_admin_requests_total: { outcome: 'refused' } },
  },

  // the record itself
  'log.suppressed': {
    level: 'warn',
    fields: ['of', 'code', 'count', 'seconds'],
    meaning:
      'A flood: `count` more events of this name (and code) came within `seconds` and were not logged.',
    whole: true,
  },
  'log.lost': {
    level: 'error',
    fields: ['count', 'error'],
    meaning: 'The log destination did not take `count` lines.',
    whole: true,
  },
} as const satisfies Record<string, EventRow>;

export type EventName = keyof typeof EVENTS;

/** A row seen through its interface, for code that walks the table. */
export const eventRow = (name: EventName): EventRow => EVENTS[name];
