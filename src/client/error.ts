// biome-ignore format: a table is read by its rows, one line each.
const MEANINGS = {
  token_failed: 'getToken failed',
  token_malformed: 'getToken gave no token that a subprotocol can carry',
  ticket_failed: 'no ticket was given',
  refresh_failed: 'the token of an open session was not renewed',
  session_malformed: 'the gateway said what cannot be',
  connect_failed: 'the connection was refused or failed',
  connect_timeout: 'the connection took too long to open',
  heartbeat_missed: 'nothing came after a heartbeat',
  queue_full: 'the queue is full',
  closed: 'the client is closed',
} as const;

export type ClientErrorCode = keyof typeof MEANINGS;

/** What went wrong, with a stable code. The message never holds a token. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, { detail, cause }: { detail?: string; cause?: unknown } = {}) {
    super(
      detail ? `${MEANINGS[code]}: ${detail}` : MEANINGS[code],
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
  }
}
