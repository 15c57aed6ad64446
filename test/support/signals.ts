import { Chat, type ChatOptions } from './chat.ts';
import { claimsOf, ISSUER, keySetText, newSigner, type Signer, tokenOf } from './tokens.ts';
import { askWellKnown, type Door, type WellKnownAnswer } from './well-known.ts';

/** Signs the event tokens of `ISSUER`. */
export const transmitter = newSigner('t1');
/** What the gateway is called in `aud`. */
export const RECEIVER = 'https://ws.example.com/events';
/** What the transmitter must show. */
export const SHOWN = 'Bearer what-the-transmitter-shows';

export const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';
export const RISC = 'https://schemas.openid.net/secevent/risc/event-type/';
export const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/';

type Section = Readonly<Record<string, unknown>>;

/** A user by the issuer's own name. */
export function user(sub: string, iss: string = ISSUER): Section {
  return { format: 'iss_sub', iss, sub };
}

let serial = 0;

/** The claims of a good event token: ada's sessions are revoked. `undefined` takes a claim away. */
export function eventClaims(changes: Section = {}, now: number = Date.now()): object {
  return {
    iss: ISSUER,
    aud: RECEIVER,
    jti: `event-${++serial}`,
    iat: Math.floor(now / 1_000),
    sub_id: user('ada'),
    events: { [`${CAEP}session-revoked`]: {} },
    ...changes,
  };
}

export interface EventToken {
  readonly claims?: Section;
  readonly header?: Record<string, unknown>;
  readonly signer?: Signer;
}

/** A good event token, but for the changes. */
export function eventToken({ claims = {}, header = {}, signer = transmitter }: EventToken = {}): string {
  return tokenOf(signer, eventClaims(claims), { typ: 'secevent+jwt', ...header });
}

/** What `signals` says of the transmitter. */
export function transmitterConfig(changes: Section = {}): Section {
  return {
    issuer: ISSUER,
    audience: RECEIVER,
    algorithms: ['ES256'],
    jwks: 'transmitter.json',
    authorization: SHOWN,
    subjects: { identities: ['staff'] },
    ...changes,
  };
}

/** A gateway that one transmitter may tell of events. */
export function openWithSignals(changes: Section = {}, options: ChatOptions = {}): Promise<Chat> {
  return Chat.open({
    ...options,
    config: { signals: { idp: transmitterConfig(changes) }, ...options.config },
    files: { 'transmitter.json': keySetText(transmitter), ...options.files },
  });
}

/** Pushes a token as the transmitter does (RFC 8935 §2.1). */
export function push(
  door: Door,
  token: string,
  headers: Readonly<Record<string, string | null>> = {},
): Promise<WellKnownAnswer> {
  return askWellKnown(door, '/events', token, {
    'Content-Type': 'application/secevent+jwt',
    Accept: 'application/json',
    Authorization: SHOWN,
    ...headers,
  });
}

/** The claims of a token that was issued five seconds ago, before any event of now. */
export function earlier(claims: Section = {}): Section {
  const { iat, exp } = claimsOf({}, Date.now() - 5_000) as { iat: number; exp: number };
  return { iat, exp, ...claims };
}
