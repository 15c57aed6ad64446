/** Why an event token is not taken, as its transmitter is told (RFC 8935 §2.4). */
export const SIGNAL_ERRORS = {
  invalid_request: 'It is no event token, or its events are not of their form.',
  invalid_key: 'No key of its issuer made its signature.',
  invalid_issuer: 'Nobody of this name is listened to.',
  invalid_audience: 'It is meant for somebody else.',
  authentication_failed: 'Whoever sent it did not show what its issuer must show.',
} as const;

export type SignalError = keyof typeof SIGNAL_ERRORS;

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
