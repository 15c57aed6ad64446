import type { z } from 'zod';
import type { RefusalCode } from '../errors.ts';
import type { Connection } from './connection.ts';
import type { DialectTraits, RouteContext } from './context.ts';
import type { Direction, Message, Payload } from './message.ts';
import type { Refused, Violation } from './verdict.ts';

/** What a dialect says of a refusal for which its protocol leaves nothing but to end the connection. */
export const CLOSE = Symbol('close');

/** What a dialect is told of a refusal, to phrase it for the sender's own library. */
export interface Notice {
  readonly code: RefusalCode;
  /** Who sent what is refused, and is told so. */
  readonly direction: Direction;
  /** What the peer may know: the table's `told`, and a place in the message where the guard gave one. */
  readonly reason: string;
  /** Milliseconds. */
  readonly retryAfter?: number;
  /** As the guard gave it. */
  readonly violation?: Violation;
}

/** A payload that a dialect refuses. */
export interface Unreadable extends Refused {
  /** What could be read of it, so that the answer can name what it answers. */
  readonly messages?: readonly Message[];
}

/** How a client brings a new token in a message: the gateway takes it, and the backend never sees it. */
export interface Renewal {
  /** The token in what was read; a refusal for one that is not where it must be; undefined for any other message. */
  tokenOf(read: Message | readonly Message[]): string | Refused | undefined;
  /** What the client is told when the token is taken: when it runs out, in milliseconds; undefined for nothing. */
  answer(
    read: Message | readonly Message[],
    expiresIn: number | undefined,
    connection: Connection,
  ): string | undefined;
  /** Whether a message whose token was taken goes on to the backend, which then answers it. */
  readonly forward: boolean;
}

/** Knows how to read a message and how to say no in the words of the client's own library. */
export interface Dialect {
  /** Reads a payload that passed every `onPayload`. Never throws on any input. */
  read(payload: Payload, connection: Connection): Message | readonly Message[] | Unreadable;
  /**
   * The text message that answers a refusal, sent back to the sender; undefined where the dialect has no such
   * form, or the message wants no answer (a JSON-RPC notification): `answer` then drops.
   * `messages` is empty when the payload could not be read. CLOSE: `answer` ends the connection.
   */
  refuse(
    messages: readonly Message[],
    notice: Notice,
    connection: Connection,
  ): string | typeof CLOSE | undefined;
  /** The close code that this dialect's protocol has for a refusal; undefined where the table's own will do. */
  closeCode?(code: RefusalCode): number | undefined;
  /** A message the gateway sends the client on its own at connect (a deprecation), if the dialect has a form for it. */
  greet?(note: string): string | undefined;
  /** Set where a client may bring a new token in a message. */
  readonly renewal?: Renewal | undefined;
  /** Whether `read` must see what the server sends too (to match results to calls). */
  readonly readsServer?: boolean;
}

/** A kind of dialect: one file, one row in `dialects/kinds.ts`. */
export interface DialectKind<O = unknown> {
  readonly name: string;
  /** Whether payloads are JSON text. */
  readonly json: boolean;
  readonly options: z.ZodType<O>;
  /** What other kinds must know of the dialect as configured, beside `name` and `json`. */
  traits?(options: O): Pick<DialectTraits, 'typeAt' | 'schemaType'>;
  create(options: O, context: RouteContext): Dialect;
}

/** The traits of a dialect as configured: what a route's context carries. */
export function traitsOf<O>(kind: DialectKind<O>, options: O): DialectTraits {
  return { name: kind.name, json: kind.json, ...kind.traits?.(options) };
}
