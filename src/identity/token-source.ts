import { z } from 'zod';
import type { Handshake } from '../pipeline/handshake.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';

/**
 * Where a browser that cannot set headers puts a token: a subprotocol offer `bearer.<token>`. The 101 never names such
 * an offer, and it is never offered to an upstream.
 */
export const BEARER_PROTOCOL = 'bearer.';

/** Whether an offered subprotocol is a credential and so must not be echoed, passed on or logged. */
export function isBearerProtocol(protocol: string): boolean {
  return protocol.startsWith(BEARER_PROTOCOL);
}

const COOKIE = 'cookie:';
const QUERY = 'dangerously-query:';

/**
 * `header`, `subprotocol`, `cookie:NAME`, or `dangerously-query:NAME`: URLs end up in logs, histories and referrers
 * (RFC 9700 §4.3.2), so the last is only for clients that can do nothing else, with tokens of seconds.
 */
export const tokenSource = z
  .string()
  .regex(
    /^(header|subprotocol|(cookie|dangerously-query):[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64})$/,
    'header, subprotocol, cookie:NAME or dangerously-query:NAME',
  );

/** Finds the token of a handshake in the places that the configuration names. */
export interface TokenFinder {
  /** The token; a refusal if there are several that differ or one place holds two; undefined if there is none. */
  find(handshake: Handshake): string | Refused | undefined;
  readonly readsCookie: boolean;
  /** Names of query parameters that hold a token. */
  readonly readsQuery: readonly string[];
}

type Find = (handshake: Handshake) => string | Refused | undefined;

/**
 * Two different tokens in one request refuse (RFC 6750 §2 allows one method a request): whichever was taken, the client
 * may have meant the other.
 */
export function tokenFinder(sources: readonly string[]): TokenFinder {
  const finds = sources.map(finderOf);
  return {
    readsCookie: sources.some((source) => source.startsWith(COOKIE)),
    readsQuery: sources.filter((s) => s.startsWith(QUERY)).map((s) => s.slice(QUERY.length)),
    find(handshake) {
      let token: string | undefined;
      for (const find of finds) {
        const found = find(handshake);
        if (found === undefined || found === token) continue;
        if (typeof found === 'object') return found;
        if (token !== undefined) return refuse('credential_malformed', 'two different tokens in one request');
        token = found;
      }
      return token;
    },
  };
}

function finderOf(source: string): Find {
  if (source === 'header') return inHeader;
  if (source === 'subprotocol') return inSubprotocol;
  if (source.startsWith(COOKIE)) return inCookie(source.slice(COOKIE.length));
  return inQuery(source.slice(QUERY.length));
}

/** RFC 6750 §2.1, with the scheme in any case (RFC 9110 §11.1). Another scheme is another identity's. */
function inHeader(handshake: Handshake): string | Refused | undefined {
  const value = handshake.headers.get('authorization');
  if (value === undefined || !/^bearer(\s|$)/i.test(value)) return undefined;
  const token = /^bearer +([^\s,]+)$/i.exec(value)?.[1];
  return token ?? refuse('credential_malformed', 'Authorization is not one Bearer token');
}

function inSubprotocol(handshake: Handshake): string | Refused | undefined {
  const offers = handshake.protocols.filter(isBearerProtocol);
  if (offers.length > 1) return refuse('credential_malformed', 'two bearer subprotocols');
  return offers[0]?.slice(BEARER_PROTOCOL.length);
}

/** RFC 6265 §4.2.1. A cookie that stands there twice may be one that a sibling domain planted: neither is believed. */
function inCookie(name: string): Find {
  return (handshake) => {
    const header = handshake.headers.get('cookie');
    if (header === undefined) return undefined;
    const values: string[] = [];
    for (const pair of header.split(';')) {
      const equals = pair.indexOf('=');
      if (equals >= 0 && pair.slice(0, equals).trim() === name) values.push(pair.slice(equals + 1).trim());
    }
    if (values.length > 1) return refuse('credential_malformed', 'the session cookie is there twice');
    return values[0]?.replace(/^"(.*)"$/, '$1');
  };
}

function inQuery(name: string): Find {
  return (handshake) => {
    const values = new URLSearchParams(handshake.query).getAll(name);
    if (values.length > 1) return refuse('credential_malformed', 'the token is in the query twice');
    return values[0];
  };
}

/** A query without the parameters of these names, the rest byte for byte: what a log or an upstream may see. */
export function withoutParameters(query: string, names: readonly string[]): string {
  if (names.length === 0 || query === '') return query;
  return query
    .split('&')
    .filter((pair) => !names.includes([...new URLSearchParams(pair).keys()][0] ?? ''))
    .join('&');
}
