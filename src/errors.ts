/**
 * Every way Sallyport says no, one row each. Types, docs, metrics labels, close reasons and tests derive from this table.
 *
 * A refusal before the 101 is an HTTP status; after it, a close code. A code is stable: operators alert on it.
 */
export interface RefusalRow {
  /** The HTTP status while the connection is still an upgrade request. */
  readonly status: number;
  /** The WebSocket close code once the connection is open. */
  readonly close: number;
  /** What the peer is told: never more than it needs. */
  readonly told: string;
  /** Whether the same request may succeed later without being changed. */
  readonly retryable: boolean;
  /** What the operator should understand. */
  readonly meaning: string;
}

const row = (
  status: number,
  close: number,
  told: string,
  retryable: boolean,
  meaning: string,
): RefusalRow => {
  return { status, close, told, retryable, meaning };
};

const NO = false;
const AGAIN = true;

// biome-ignore format: a table is read by its rows, one line each: HTTP status, close code, told, again, meaning.
export const REFUSALS = {
  // edge: before anything is known of the peer
  connections_full: row(503, 1013, 'try again later', AGAIN, 'The listener holds as many connections as it may.'),
  admission_full: row(503, 1013, 'try again later', AGAIN,
    'More connections wait for their handshake than can begin it in the time that a client waits.'),
  address_connections: row(429, 1013, 'too many connections', AGAIN, 'One address (IPv6: one /64) holds too many connections.'),
  address_handshakes: row(429, 1013, 'too many requests', AGAIN, 'One address opens connections too quickly.'),
  handshake_timeout: row(408, 1008, 'timeout', AGAIN, 'TLS and HTTP together took longer than the handshake may.'),
  client_left: row(400, 1001, 'bad request', AGAIN,
    'The client was gone before its upgrade was answered; the work for it was stopped.'),
  draining: row(503, 1012, 'service restart', AGAIN, 'The gateway is draining and admits nobody new.'),
  overloaded: row(503, 1013, 'try again later', AGAIN,
    'The gateway is short of memory or time: it admits nobody new, and ends sessions that were silent long.'),

  // handshake: RFC 6455 section 4.2.1 and RFC 9112, read strictly
  request_malformed: row(400, 1002, 'bad request', NO, 'The request is not one that RFC 9112 and RFC 6455 allow.'),
  method_not_allowed: row(405, 1002, 'method not allowed', NO, 'An upgrade is a GET; what the listener serves itself says in Allow how.'),
  upgrade_required: row(426, 1002, 'upgrade required', NO, 'A WebSocket route was asked for without an upgrade.'),
  version_unsupported: row(426, 1002, 'upgrade required', NO, 'Sec-WebSocket-Version is not exactly 13.'),
  host_invalid: row(400, 1002, 'bad request', NO, 'Host is missing, repeated or not a host.'),
  misdirected: row(421, 1008, 'misdirected request', NO, 'Host and the name in TLS (SNI) do not agree.'),
  target_invalid: row(400, 1002, 'bad request', NO, 'The request target is not one path in normal form.'),
  target_too_long: row(414, 1009, 'uri too long', NO, 'The request target is longer than the listener accepts.'),
  headers_too_large: row(431, 1009, 'headers too large', NO, 'The header section is larger, or has more fields, than accepted.'),
  body_forbidden: row(400, 1002, 'bad request', NO, 'An upgrade carries no body and no transfer coding.'),
  early_data_too_large: row(400, 1009, 'bad request', NO, 'Too many bytes were sent before the connection was admitted.'),
  protocol_invalid: row(400, 1002, 'bad request', NO, 'Sec-WebSocket-Protocol or -Extensions breaks its grammar.'),
  protocol_unknown: row(400, 1008, 'bad request', NO, 'The client offered no subprotocol that this route speaks.'),
  route_unknown: row(404, 1008, 'not found', NO, 'No route matches this host and path.'),

  // identity
  credential_missing: row(401, 3000, 'unauthorized', NO, 'No identity of the route found a credential of its kind.'),
  credential_malformed: row(401, 3000, 'unauthorized', NO, 'The credential is too large or not of the right shape.'),
  credential_invalid: row(401, 3000, 'unauthorized', NO, 'The credential was checked and is not valid.'),
  credential_expired: row(401, 3000, 'unauthorized', NO, 'The credential has run out.'),
  credential_revoked: row(401, 4500, 'revoked', NO, 'The credential, subject or certificate has been revoked.'),
  certificate_untrusted: row(401, 3000, 'unauthorized', NO, 'The client certificate does not verify against the CA and CRL.'),
  identity_mismatch: row(403, 4503, 'forbidden', NO, 'Two credentials, or a credential and the path, name different holders.'),
  identity_locked: row(429, 1013, 'too many requests', AGAIN, 'Too many failed attempts for this name or address.'),
  identity_flooded: row(429, 1013, 'too many requests', AGAIN, 'Too many bad credentials; none is checked for a while.'),
  identity_unavailable: row(503, 1013, 'try again later', AGAIN,
    'The identity provider cannot be asked and nothing cached will do.'),

  // guards at the door
  origin_denied: row(403, 4503, 'forbidden', NO, 'The Origin is absent or not one that the route lists.'),
  address_denied: row(403, 4503, 'forbidden', NO, 'The client address is not allowed on this route.'),
  connections_exceeded: row(429, 1013, 'too many connections', AGAIN,
    'Route, tenant, subject or address holds too many connections here.'),

  // resuming
  resume_denied: row(403, 4503, 'forbidden', NO, 'A session was claimed by somebody who is not its holder; it was left as it is.'),
  resume_invalid: row(400, 4007, 'bad request', NO,
    'What a client says of a session to be resumed is not well-formed, or counts what cannot be.'),

  // what the listener serves itself, under /.well-known/sallyport/
  media_type_unsupported: row(415, 1003, 'unsupported media type', NO, 'The body of a request is not of the media type that is taken.'),
  body_too_large: row(413, 1009, 'body too large', NO, 'The body of a request is larger than is taken.'),
  not_offered: row(404, 1008, 'not found', NO, 'The route gives no tickets, or renews no credentials in this way.'),
  session_unknown: row(404, 1008, 'not found', NO,
    'There is no such session on this route, or it is not the asker’s; the log knows which.'),
  ticket_invalid: row(401, 3000, 'unauthorized', NO,
    'The ticket is unknown, used up or too old, or was given for another route, path, origin or client certificate.'),
  rights_changed: row(403, 4503, 'forbidden', NO,
    'Renewed credentials of one session had too many different rights; it goes on with the last until that runs out.'),
  state_unavailable: row(503, 1013, 'try again later', AGAIN, 'What all processes share (the store, the bus) does not answer.'),

  // frames
  frame_invalid: row(400, 1002, 'protocol error', NO, 'A frame breaks RFC 6455.'),
  text_invalid: row(400, 1007, 'invalid payload', NO, 'A text message or close reason is not UTF-8.'),
  message_too_big: row(413, 1009, 'message too big', NO, 'A message is, or inflates to be, larger than the route accepts.'),
  fragments_exceeded: row(400, 1008, 'too many fragments', NO, 'A message has more fragments than the route accepts.'),
  message_incomplete: row(408, 1008, 'message incomplete', AGAIN, 'A message was begun and not finished in time.'),
  memory_exceeded: row(503, 1013, 'try again later', AGAIN,
    'The unfinished messages of all connections hold too much, and those of this one held most.'),
  control_flood: row(429, 1008, 'too many control frames', NO, 'Pings or pongs came faster than any client needs.'),
  inflate_failed: row(400, 1007, 'invalid payload', NO, 'A compressed message does not inflate.'),

  // messages
  message_kind: row(400, 1003, 'unsupported data', NO, 'Binary where the dialect is text, or the reverse.'),
  message_malformed: row(400, 1007, 'malformed message', NO, 'The payload is not what the dialect reads.'),
  json_structure: row(400, 1008, 'message too complex', NO, 'JSON nests too deep or has too many keys or items.'),
  json_unsafe: row(400, 1008, 'unsafe message', NO, 'JSON repeats a key or uses one that changes prototypes.'),
  type_unknown: row(400, 1008, 'unknown message type', NO, 'No schema of the route covers this type of message.'),
  schema_invalid: row(400, 1008, 'invalid message', NO, 'The message does not satisfy its schema.'),
  not_authorized: row(403, 4503, 'forbidden', NO, 'No authorization rule allows this message, or this connection.'),
  rate_exceeded: row(429, 4029, 'too fast', AGAIN, 'Messages or bytes come faster than the limit.'),
  quota_exceeded: row(429, 4504, 'quota used up', AGAIN, 'The holder has used all that a day or month allows.'),

  // the life of a session
  session_expired: row(401, 3000, 'token expired', NO, 'The credential ran out and was not renewed in time.'),
  session_revoked: row(401, 4500, 'revoked', NO, 'The credential was revoked while the connection was open.'),
  session_kicked: row(403, 4501, 'disconnected by operator', NO, 'An operator ended this session.'),
  route_gone: row(503, 1012, 'service restart', AGAIN, 'A reload removed the route or identity of this session.'),
  idle: row(408, 3008, 'idle', AGAIN, 'Nothing was said for longer than the route allows.'),
  too_old: row(408, 4001, 'maximum age reached', AGAIN, 'The connection is as old as the route allows.'),
  heartbeat_missed: row(408, 3008, 'no answer to ping', AGAIN, 'Two pings in a row were not answered.'),
  slow_consumer: row(503, 1013, 'reading too slowly', AGAIN, 'The peer reads more slowly than it is written to, for too long.'),

  // upstream
  upstream_refused: row(502, 1014, 'bad gateway', AGAIN, 'The upstream refused the connection or the upgrade.'),
  upstream_timeout: row(504, 1014, 'bad gateway', AGAIN, 'The upstream did not answer in time.'),
  upstream_invalid: row(502, 1014, 'bad gateway', AGAIN, 'The upstream broke HTTP or WebSocket.'),
  upstream_lost: row(502, 1014, 'bad gateway', AGAIN, 'The upstream connection ended without a close.'),
  upstream_away: row(503, 1013, 'try again later', AGAIN,
    'The upstream could not be reached several times in a row and is left alone for a moment, or too many wait for it already.'),

  // our own fault
  internal: row(500, 1011, 'internal error', AGAIN, 'A part of Sallyport threw or ran out of time; the log has the fault.'),
} as const satisfies Record<string, RefusalRow>;

export type RefusalCode = keyof typeof REFUSALS;

export const REFUSAL_CODES = Object.keys(REFUSALS) as readonly RefusalCode[];
