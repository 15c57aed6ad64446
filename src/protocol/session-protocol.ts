import { isToken } from './tokens.ts';

/**
 * How a client and the gateway keep a session over several connections: PROTOCOL.md, "Resuming". It is negotiated as a
 * subprotocol, as a browser can set nothing else, and speaks in text messages that begin with U+0010 (DLE).
 *
 * Shared with the client, so no module of Node.
 */
export const SESSION_PROTOCOL = 'sallyport.v1';

/** Subprotocols whose name begins so, in any case, are the gateway's own. */
export const RESERVED_PROTOCOL = 'sallyport.';

/** What marks a message between client and gateway; one that the application begins with it gets a second one. */
export const DLE = '\u0010';

/** Of what a client says to the gateway, in UTF-16 units: far more than it needs. */
export const MAX_CLIENT_CONTROL = 256;

/** Where a claim stands among the offers: `sallyport.resume.<token>.<seen>`. */
const CLAIM = 'sallyport.resume.';

/** The subprotocol that asks for `protocol` (empty: for none) with a session around it. */
export function sessionProtocolOf(protocol: string): string {
  return protocol === '' ? SESSION_PROTOCOL : `${SESSION_PROTOCOL}+${protocol}`;
}

/** What the application speaks inside of a session protocol, empty if nothing; undefined for any other subprotocol. */
export function plainProtocolOf(protocol: string): string | undefined {
  if (protocol === SESSION_PROTOCOL) return '';
  const prefix = `${SESSION_PROTOCOL}+`;
  return protocol.startsWith(prefix) && protocol.length > prefix.length
    ? protocol.slice(prefix.length)
    : undefined;
}

/** Whether the name belongs to the gateway: neither a route nor an application may have one. */
export function isReservedProtocol(protocol: string): boolean {
  return protocol.toLowerCase().startsWith(RESERVED_PROTOCOL);
}

/** What a client that comes back says: which session it had, and how many messages of the server it has seen. */
export interface Claim {
  /** From the last `welcome`; opaque. */
  readonly token: string;
  readonly seen: number;
}

/** Whether an offered subprotocol is meant as a claim. It holds a secret, so it is never echoed, passed on or logged. */
export function isClaim(protocol: string): boolean {
  return protocol.startsWith(CLAIM);
}

/** A claim as a subprotocol. */
export function encodeClaim({ token, seen }: Claim): string {
  return `${CLAIM}${token}.${seen}`;
}

/** Reads a claim; undefined for what is none, or not well-formed. */
export function readClaim(protocol: string): Claim | undefined {
  const [, token, digits] = /^sallyport\.resume\.([\w-]{1,128})\.(0|[1-9]\d{0,15})$/.exec(protocol) ?? [];
  const seen = Number(digits);
  return token !== undefined && Number.isSafeInteger(seen) ? { token, seen } : undefined;
}

/** Why a session was not resumed, and a new one began instead. */
export const NOT_RESUMED = {
  unknown: 'The session has ended, or this token was used up.',
  gap: 'The buffer no longer holds all that the client has not seen.',
  lost: 'The process that held the session is not there any more.',
  mismatch: 'The session was opened for another host, path or subprotocol.',
} as const;

export type NotResumed = keyof typeof NOT_RESUMED;

/** The first message on every connection. Nothing may be sent before it has come. */
export interface Welcome {
  readonly type: 'welcome';
  /** The session's name, as the operator sees it and as a refresh names it. */
  readonly session: string;
  /** What a claim to this session shows from now on. */
  readonly token: string;
  /** How long the session is kept without a connection, in milliseconds. */
  readonly window: number;
  /** Whether it is the session that was claimed; of one that is not, the client forgets what it counted. */
  readonly resumed: boolean;
  /** Why a claim was not granted. */
  readonly reason?: NotResumed;
  /** Messages of the client that were taken so far: those behind it are to be sent again. */
  readonly seen: number;
  /** The number of the next message from the server, which counts from 1: one more than the client has seen. */
  readonly next: number;
  /** How many messages of the server are kept for replay, and how many bytes of frames. */
  readonly buffer: { readonly messages: number; readonly bytes: number };
  /** When the credential runs out, in milliseconds from now; absent if it does not. */
  readonly expires?: number;
}

/** Messages that the other side has sent were taken: so many in all, since the session began. */
export interface Ack {
  readonly type: 'ack';
  readonly seen: number;
}

/** The credential was renewed: when it runs out now, in milliseconds from now; absent if it does not. */
export interface Expires {
  readonly type: 'expires';
  readonly expires?: number;
}

export type GatewayMessage = Welcome | Ack | Expires;
export type ClientMessage = Ack;

/** Whether a text message is one between client and gateway, and not the application's. */
export function isControlText(text: string): boolean {
  return text[0] === DLE && text[1] !== DLE;
}

/** A text of the application as it travels. */
export function escapeText(text: string): string {
  return text[0] === DLE ? DLE + text : text;
}

/** A text of the application as it was, out of one that has travelled and is not a control text. */
export function unescapeText(text: string): string {
  return text[0] === DLE ? text.slice(1) : text;
}

export function encodeControl(message: GatewayMessage | ClientMessage): string {
  return DLE + JSON.stringify(message);
}

/** Reads what a client says, strictly: undefined for anything but exactly one of its messages. */
export function readClientControl(text: string): ClientMessage | undefined {
  if (text.length > MAX_CLIENT_CONTROL) return undefined;
  const { type, seen, ...rest } = read(text);
  return type === 'ack' && isCount(seen) && Object.keys(rest).length === 0 ? { type, seen } : undefined;
}

/**
 * Reads what the gateway says: undefined for a type that is not known, which a newer gateway may send and a client passes
 * over. `malformed` for what no gateway sends.
 */
export function readGatewayControl(text: string): GatewayMessage | undefined | 'malformed' {
  const message = read(text);
  const { type, seen, expires } = message;
  if (typeof type !== 'string') return 'malformed';
  if (expires !== undefined && !isNumber(expires)) return 'malformed';
  if (type === 'ack') return isCount(seen) ? { type, seen } : 'malformed';
  if (type === 'expires') return { type, ...(expires !== undefined && { expires }) };
  if (type !== 'welcome') return undefined;
  return isWelcome(message) ? message : 'malformed';
}

type Fields = Readonly<Record<string, unknown>>;

function isWelcome(fields: Fields): fields is Fields & Welcome {
  const { session, token, window, resumed, seen, next, buffer } = fields;
  const { messages, bytes } = fieldsOf(buffer);
  return (
    typeof session === 'string' &&
    typeof token === 'string' &&
    isToken(token) &&
    typeof resumed === 'boolean' &&
    [window, messages, bytes].every(isNumber) &&
    [seen, next].every(isCount)
  );
}

function read(text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text.slice(1)));
  } catch {
    return {};
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

function isCount(value: unknown): value is number {
  return isNumber(value) && Number.isSafeInteger(value);
}
