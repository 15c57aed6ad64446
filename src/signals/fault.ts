/** Why an event token is not taken, as its transmitter is told (RFC 8935 §2.4). */
export type SignalError =
  | 'invalid_request'
  | 'invalid_key'
  | 'invalid_issuer'
  | 'invalid_audience'
  | 'authentication_failed';

/** An event token that is not taken: nothing came of it. */
export interface SignalFault {
  readonly error: SignalError;
  /** For the transmitter and the log: constant text, nothing of the token. */
  readonly description: string;
}

export function fault(error: SignalError, description: string): SignalFault {
  return { error, description };
}

export function isFault(value: object): value is SignalFault {
  return 'error' in value && 'description' in value;
}
