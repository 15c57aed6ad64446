/**
 * Close codes and what a client should do on each: RFC 6455 section 7.4, the IANA registry, and Sallyport's own.
 *
 * Own codes follow one rule: 3000–3499 and 4000–4499 say "reconnect", 3500–3999 and 4500–4999 say "do not".
 */
export interface CloseCodeRow {
  readonly name: string;
  readonly reconnect: Reconnect;
  readonly meaning: string;
}

/**
 * Whether a client should come back by itself, and how: with the advertised spread; or without hurrying more than last
 * time, however long it was connected; or with another credential.
 */
export type Reconnect = 'never' | 'soon' | 'slowly' | 'renewed';

// biome-ignore format: a table is read by its rows, one line each.
export const CLOSE_CODES: Readonly<Record<number, CloseCodeRow>> = {
  1000: { name: 'normal', reconnect: 'never', meaning: 'The purpose was fulfilled.' },
  1001: { name: 'going away', reconnect: 'soon', meaning: 'The endpoint is leaving.' },
  1002: { name: 'protocol error', reconnect: 'never', meaning: 'A frame broke RFC 6455.' },
  1003: { name: 'unsupported data', reconnect: 'never', meaning: 'Text or binary was sent where the other is spoken.' },
  1007: { name: 'invalid payload', reconnect: 'never', meaning: 'The payload is not what its type promises.' },
  1008: { name: 'policy violation', reconnect: 'never', meaning: 'A rule of the route was broken.' },
  1009: { name: 'message too big', reconnect: 'never', meaning: 'The message is over the limit.' },
  1010: { name: 'mandatory extension', reconnect: 'never', meaning: 'The client missed an extension.' },
  1011: { name: 'internal error', reconnect: 'soon', meaning: 'The server failed.' },
  1012: { name: 'service restart', reconnect: 'slowly', meaning: 'The server restarts; come back after the spread.' },
  1013: { name: 'try again later', reconnect: 'slowly', meaning: 'The server is busy, or the client reads too slowly.' },
  1014: { name: 'bad gateway', reconnect: 'soon', meaning: 'The upstream failed.' },
  3000: { name: 'unauthorized', reconnect: 'renewed', meaning: 'Come back with a fresh credential.' },
  3008: { name: 'timeout', reconnect: 'soon', meaning: 'Idle, or pings were not answered.' },
  4001: { name: 'maximum age', reconnect: 'soon', meaning: 'The connection was as old as it may be.' },
  4007: { name: 'session invalid', reconnect: 'soon', meaning: 'What the client counted cannot be; begin a new session.' },
  4010: { name: 'detached', reconnect: 'soon', meaning: 'From a client: it lets go of this connection, and comes back to its session.' },
  4029: { name: 'too fast', reconnect: 'slowly', meaning: 'A rate limit closed the connection; come back slower.' },
  4500: { name: 'revoked', reconnect: 'never', meaning: 'The credential is revoked.' },
  4501: { name: 'disconnected', reconnect: 'never', meaning: 'An operator ended the session.' },
  4503: { name: 'forbidden', reconnect: 'never', meaning: 'The holder may not do this.' },
  4504: { name: 'quota used up', reconnect: 'never', meaning: 'Nothing more until the next day or month begins.' },
};

/** What a client should do after this code, also for codes with no row. */
export function reconnectAfter(code: number): Reconnect {
  const known = CLOSE_CODES[code];
  if (known) return known.reconnect;
  return (code >= 3000 && code < 3500) || (code >= 4000 && code < 4500) ? 'soon' : 'never';
}

/** Whether a client should reconnect after this code, also for codes with no row. */
export function mayReconnect(code: number): boolean {
  return reconnectAfter(code) !== 'never';
}

/**
 * Whether a code may stand in a Close frame on the wire (RFC 6455 section 7.4, and the IANA registry up to 1014).
 * 1004, 1005, 1006 and 1015 never may.
 */
export function isWireCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}
