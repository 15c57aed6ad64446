import { isObject, type JsonObject } from '../identity/strict-json.ts';

/**
 * What follows from an event. `revoke`: the credentials that were issued before are refused, and nobody is asked back.
 * `renew`: they are refused too, and the client is told to come back with a new one. `none`: it says that the stream
 * works.
 */
export type Effect = 'revoke' | 'renew' | 'none';

interface EventType {
  readonly effect: Effect;
  /** Why this event of the type has no effect after all; undefined if it has. */
  ignored?(payload: JsonObject): string | undefined;
}

const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';
const RISC = 'https://schemas.openid.net/secevent/risc/event-type/';
const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/';

/** The events that are understood, by their URI: CAEP 1.0 §3, RISC 1.0 §2, Shared Signals Framework 1.0 §8.1.4. */
export const EVENT_TYPES: Readonly<Record<string, EventType>> = {
  [`${CAEP}session-revoked`]: { effect: 'revoke' },
  [`${CAEP}token-claims-change`]: { effect: 'renew' },
  [`${CAEP}credential-change`]: {
    effect: 'renew',
    // Who enrols a second key has lost none: sessions that the first one opened are good.
    ignored: ({ change_type: change }) => (change === 'create' ? 'a new credential ends nothing' : undefined),
  },
  [`${RISC}account-disabled`]: { effect: 'revoke' },
  [`${RISC}account-purged`]: { effect: 'revoke' },
  [`${RISC}sessions-revoked`]: { effect: 'revoke' },
  [`${SSF}verification`]: { effect: 'none' },
};

/** Several names may describe one event (RFC 8417 §2.2); nobody needs more of them than this. */
const MAX_EVENTS = 8;
const MAX_URI = 512; // characters

export type NamedEvent = readonly [uri: string, payload: JsonObject];

/** The statements in `events`: at least one name, each with an object. Undefined for anything else. */
export function readEvents(events: unknown): readonly NamedEvent[] | undefined {
  if (!isObject(events)) return undefined;
  const all = Object.entries(events);
  if (all.length === 0 || all.length > MAX_EVENTS) return undefined;
  const sound = all.every(([uri, payload]) => uri.length <= MAX_URI && isObject(payload));
  return sound ? (all as NamedEvent[]) : undefined;
}

/** The type of a name; undefined if it is not understood. */
export function eventTypeOf(uri: string): EventType | undefined {
  return Object.hasOwn(EVENT_TYPES, uri) ? EVENT_TYPES[uri] : undefined;
}
