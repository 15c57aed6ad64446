import type { FrameSpec } from '../support/raw-frames.ts';

export interface Spoken {
  readonly binary: boolean;
  readonly payload: Buffer;
}

/** How a conversation ends. */
export type End =
  /** It does not: the connection is as good as before. */
  | { readonly how: 'open' }
  /** The sender's Close is answered with one of these codes (1005: an empty body). */
  | { readonly how: 'closed'; readonly codes: readonly number[] }
  /** The sender broke a rule and is sent a Close with this code, and then the connection ends (RFC 6455 §7.1.7). */
  | { readonly how: 'failed'; readonly code: number };

export interface Expected {
  /** The messages that get through, in order. */
  readonly messages: readonly Spoken[];
  /** The payloads of the pongs that come back, in order. */
  readonly pongs: readonly Buffer[];
  readonly end: End;
}

/** Bounds under which a case runs; every runner offers both. */
export type Bounds = keyof typeof BOUNDS;

export const BOUNDS = {
  /** For everything but the cases about size: a limit in reach. */
  narrow: { maxBytes: 65_536, maxFragments: 64 },
  wide: { maxBytes: 16 * 1_048_576, maxFragments: 20_000 },
} as const;

/** One case: what is sent by one peer, and what must come of it. */
export interface Case {
  /** Unique in its table, and says what is sent. */
  readonly name: string;
  /** Where it is written: `§5.2` of RFC 6455, `7692 §6` of RFC 7692. */
  readonly rfc: string;
  readonly send: readonly FrameSpec[];
  readonly expect: Expected;
  /** `narrow` where absent. */
  readonly bounds?: Bounds;
  /** Written in pieces of this many bytes. In one piece where absent. */
  readonly pieces?: number;
  /** The client offers this as Sec-WebSocket-Extensions, and compression is on. */
  readonly offer?: string;
  /** Where `ws` does otherwise, and why that is no fault of this table. */
  readonly ws?: { readonly expect: Partial<Expected>; readonly why: string };
}

type Options = Omit<Case, 'name' | 'rfc' | 'send' | 'expect'> & {
  readonly messages?: readonly Spoken[];
  readonly pongs?: readonly (Buffer | string)[];
};

export function said(payload: Buffer | string): Spoken {
  return { binary: false, payload: Buffer.from(payload) };
}

export function saidBinary(payload: Buffer | string): Spoken {
  return { binary: true, payload: Buffer.from(payload) };
}

/** Everything is let through, and the connection stays. */
export function passes(rfc: string, name: string, send: readonly FrameSpec[], options: Options): Case {
  return make(rfc, name, send, { how: 'open' }, options);
}

/** The sender's own Close is answered. */
export function closes(
  rfc: string,
  name: string,
  send: readonly FrameSpec[],
  codes: readonly number[],
  options: Options = {},
): Case {
  return make(rfc, name, send, { how: 'closed', codes }, options);
}

/** The connection is failed; of `messages`, what stands before the bad frame, nothing is missing upstream. */
export function fails(
  rfc: string,
  name: string,
  send: readonly FrameSpec[],
  code: number,
  options: Options = {},
): Case {
  return make(rfc, name, send, { how: 'failed', code }, options);
}

function make(rfc: string, name: string, send: readonly FrameSpec[], end: End, options: Options): Case {
  const { messages = [], pongs = [], ...rest } = options;
  return { name, rfc, send, expect: { messages, pongs: pongs.map((p) => Buffer.from(p)), end }, ...rest };
}

/** The same cases once more, in single bytes: no verdict may hang on where a stream is cut. */
export function inSingleBytes(cases: readonly Case[]): Case[] {
  return cases.map((one) => ({ ...one, name: `${one.name}, in single bytes`, pieces: 1 }));
}
