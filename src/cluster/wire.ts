import { z } from 'zod';
import { REFUSAL_CODES, type RefusalCode } from '../errors.ts';
import type { Handshake } from '../pipeline/handshake.ts';
import type { Principal } from '../pipeline/principal.ts';
import { type Claim, NOT_RESUMED, type NotResumed } from '../protocol/session-protocol.ts';

/**
 * What two processes say to each other before frames flow between them: a line of JSON each.
 *
 *     claims ──→ Ask
 *                Answer: held, or why not ──→
 *     (its guards judge)
 *     enters ──→ GO
 *                Answer: open, or why not ──→ frames, both ways
 */

/** Of a line, in bytes: claims of a token are the most of it. */
export const MAX_LINE = 262_144;

/** The client is let in where it knocked: its session goes on over this connection. */
export const GO = 'go';

/** Somebody claims a session that the other process may hold. */
export interface Ask {
  readonly claim: Claim;
  readonly route: string;
  readonly principal: Principal;
  readonly handshake: Handshake;
}

export type Answer =
  | { readonly answer: 'held' }
  | { readonly answer: 'open'; readonly protocol: string }
  | { readonly answer: 'new'; readonly reason: NotResumed }
  | { readonly answer: 'refused'; readonly code: RefusalCode; readonly reason: string };

const text = z.string().max(65_536);
const dictionary = z.record(z.string(), z.array(text));

const certificate = z.object({
  subject: dictionary,
  issuer: dictionary,
  san: z.object({ uri: z.array(text), dns: z.array(text), email: z.array(text) }),
  serial: text,
  fingerprint: text,
  notAfter: z.number(),
  path: z.array(z.object({ issuer: text, serial: text })),
  anchor: text,
});

const ask = z.object({
  claim: z.object({ token: text, seen: z.int().min(0) }),
  route: text,
  principal: z.object({
    identity: text,
    subject: text,
    tenant: text.optional(),
    roles: z.array(text),
    tier: text.optional(),
    claims: z.record(z.string(), z.unknown()),
    expiresAt: z.number().optional(),
    issuedAt: z.number().optional(),
    tokenId: text.optional(),
    certificateSerial: text.optional(),
  }),
  handshake: z.object({
    listener: text,
    address: text,
    peer: text,
    host: text,
    path: text,
    origin: text.optional(),
    protocols: z.array(text),
    certificate: certificate.optional(),
  }),
});

const answer = z.union([
  z.object({ answer: z.literal('held') }),
  z.object({ answer: z.literal('open'), protocol: text }),
  z.object({ answer: z.literal('new'), reason: z.enum(Object.keys(NOT_RESUMED) as NotResumed[]) }),
  z.object({ answer: z.literal('refused'), code: z.enum(REFUSAL_CODES as RefusalCode[]), reason: text }),
]);

export function encodeAsk({ claim, route, principal, handshake }: Ask): string {
  const { listener, address, peer, host, path, origin, protocols, tls } = handshake;
  const { certificate } = tls;
  // Offers that hold secrets are none of the other's business: the claim stands by itself.
  const plain = protocols.filter((name) => !/^(bearer|ticket|sallyport\.resume)\./i.test(name));
  const told = { listener, address, peer, host, path, origin, protocols: plain, certificate };
  return `${JSON.stringify({ claim, route, principal, handshake: told })}\n`;
}

/** @throws Error for anything that `encodeAsk` does not make */
export function parseAsk(line: string): Ask {
  const { handshake, principal, ...rest } = ask.parse(JSON.parse(line));
  const { certificate, origin, ...facts } = handshake;
  return {
    ...rest,
    principal: Object.freeze(principal) as Principal,
    handshake: {
      ...facts,
      origin,
      query: '',
      headers: new Map(),
      extensions: '',
      key: '',
      tls: { protocol: '', cipher: '', ...(certificate && { certificate }) },
    },
  };
}

export function encodeAnswer(said: Answer): string {
  return `${JSON.stringify(said)}\n`;
}

/** @throws Error for anything that is no answer */
export function parseAnswer(line: string): Answer {
  return answer.parse(JSON.parse(line)) as Answer;
}
