import { z } from 'zod';
import type { Config } from '../../config/schema.ts';
import type { Arrival } from '../../edge/arrival.ts';
import { isRefusal, readFields } from '../../edge/fields.ts';
import { readHandshake } from '../../edge/handshake.ts';
import { freezePrincipal } from '../../identity/principal.ts';
import { BEARER_PROTOCOL, tokenSource } from '../../identity/token-source.ts';
import { canonicalAddress } from '../../pipeline/addresses.ts';
import type { Handshake } from '../../pipeline/handshake.ts';
import type { Principal } from '../../pipeline/principal.ts';
import type { Refused } from '../../pipeline/verdict.ts';
import { UsageError } from '../verb.ts';

/** What is asked of `explain`, as given. */
export interface Question {
  readonly url: string;
  readonly origin: string | undefined;
  readonly token: string | undefined;
  /** `header`, `subprotocol`, `cookie:NAME` or `dangerously-query:NAME`. */
  readonly tokenIn: string;
  readonly address: string;
  readonly protocols: readonly string[];
  /** `Name: value` */
  readonly headers: readonly string[];
}

/** The handshake that the gateway's own reader makes of the question, or its refusal. */
export function handshakeOf(question: Question, config: Config): Handshake | Refused {
  const { authority, target } = splitUrl(question.url);
  const fields: [string, string][] = [
    ['Host', authority],
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAA=='],
    ...question.headers.map(headerOf),
  ];
  if (question.origin !== undefined) fields.push(['Origin', question.origin]);
  const carried = carry(question, fields, target);
  const offers = [...question.protocols, ...carried.offers];
  if (offers.length > 0) fields.push(['Sec-WebSocket-Protocol', offers.join(', ')]);
  const facts = factsOf(question, authority, config);
  const read = readFields(fields.flat(), facts.limits.headers);
  if (isRefusal(read)) return read;
  return readHandshake({
    request: { method: 'GET', httpVersion: '1.1', url: carried.target },
    fields: read,
    facts,
  });
}

function factsOf(question: Question, authority: string, config: Config): Arrival['facts'] {
  const address = canonicalAddress(question.address);
  if (address === undefined)
    throw new UsageError(`--address ${JSON.stringify(question.address)} is not an IP address`);
  const [listener, options] = Object.entries(config.listeners)[0]!;
  return {
    listener,
    address,
    peer: address,
    tls: {
      protocol: 'TLSv1.3',
      cipher: 'TLS_AES_128_GCM_SHA256',
      serverName: authority.replace(/:\d+$/, '').toLowerCase(),
    },
    serves: () => true,
    limits: options.limits,
    strictTransport: '',
  };
}

/** Not by `new URL`: it would repair what the gateway refuses. */
function splitUrl(url: string): { authority: string; target: string } {
  const [, authority, target] = /^wss:\/\/([^/?#]+)([^#]*)$/.exec(url) ?? [];
  if (authority === undefined)
    throw new UsageError(`${JSON.stringify(url)} is not a URL like wss://host/path`);
  return { authority, target: target === '' ? '/' : target!.replace(/^\?/, '/?') };
}

/** Puts the token where it is to be, by the names that `tokens` has in the configuration. */
function carry({ token, tokenIn }: Question, fields: [string, string][], target: string) {
  const known = tokenSource.safeParse(tokenIn);
  if (!known.success) throw new UsageError(`--token-in is ${known.error.issues[0]!.message}`);
  if (token === undefined) return { offers: [], target };
  const [place, name] = tokenIn.split(/:(.*)/s, 2) as [string, string?];
  if (place === 'header') fields.push(['Authorization', `Bearer ${token}`]);
  else if (place === 'subprotocol') return { offers: [`${BEARER_PROTOCOL}${token}`], target };
  else if (place === 'cookie') fields.push(['Cookie', `${name}=${token}`]);
  else
    return {
      offers: [],
      target: `${target}${target.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(token)}`,
    };
  return { offers: [], target };
}

function headerOf(text: string): [string, string] {
  const colon = text.indexOf(':');
  if (colon < 1) throw new UsageError(`--header ${JSON.stringify(text)} is not "Name: value"`);
  return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
}

const names = z.string().min(1);
const principal = z.strictObject({
  identity: names.optional(),
  subject: names,
  tenant: names.optional(),
  roles: z.array(z.string()).default([]),
  tier: names.optional(),
  claims: z.record(z.string(), z.unknown()).default({}),
  expiresAt: z.number().optional(),
  issuedAt: z.number().optional(),
  tokenId: names.optional(),
  certificateSerial: names.optional(),
});

/** Who is to be taken for connected, without any identity being asked. */
export function principalOf(json: string, identity: string): Principal {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new UsageError('--principal is not JSON');
  }
  const parsed = principal.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(`--principal: ${issue!.path.join('.')} ${issue!.message}`);
  }
  const given = Object.entries(parsed.data).filter(([, each]) => each !== undefined);
  return freezePrincipal({ identity, ...Object.fromEntries(given) } as Principal);
}
