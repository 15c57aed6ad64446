/** A header field as it stands on the wire; a value may hold any bytes, in Latin-1. */
export type Field = readonly [name: string, value: string];

/** What goes with every upgrade, and what only with those that show a credential. */
export interface Login {
  /** Origin, subprotocol and whatever other fields the user gave. */
  readonly always: readonly Field[];
  /** The token, where the user wants it. Never in a report. */
  readonly credential: readonly Field[];
}
