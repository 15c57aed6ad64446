/** Who sent it. */
export type Direction = 'client' | 'server';

/**
 * One whole message as bytes, before any dialect reads it. One object a direction is reused:
 * `bytes` points into a shared scratch buffer and is valid only until the verdict; keep nothing of it.
 */
export interface Payload {
  readonly direction: Direction;
  readonly binary: boolean;
  /** Unmasked, inflated, and (if text) valid UTF-8. */
  readonly bytes: Buffer;
  /** `bytes` as a string, decoded once. */
  text(): string;
  /** Whether it is known to be ASCII without control characters and backslashes. */
  readonly plain?: boolean;
  /** What it says as JSON, where that was built while the bytes were judged. */
  parsed?: unknown;
}

/** What a dialect read from a payload. A JSON-RPC batch is several messages in one payload. */
export interface Message {
  readonly direction: Direction;
  /** Chooses the schema, the limits per type and the rule; undefined if the dialect has no types. */
  readonly type: string | undefined;
  /** Correlates an answer; undefined if there is none. */
  readonly id: string | number | undefined;
  /** The whole parsed message for authorization (`message.room`); for raw, undefined. */
  readonly body: unknown;
  /** The part that the type's schema describes: the whole for `json`, `params` for json-rpc, the payload for ocpp. */
  readonly content: unknown;
  /** A message of the dialect's own protocol (a `ping`, an error answer), checked whole by the dialect: it needs no schema. */
  readonly framing?: true;
}
