import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import type { Handshake } from '../pipeline/handshake.ts';
import type { Principal } from '../pipeline/principal.ts';
import type { RoutePlan } from '../pipeline/route.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import { type Store, StoreError } from '../store/store.ts';
import { type Carried, pack, unpack } from './carried.ts';
import { BEARER_PROTOCOL } from './token-source.ts';

/** How a ticket is shown at an upgrade: as one more subprotocol, or as a parameter of the query. */
export const TICKET_PROTOCOL = 'ticket.';
export const TICKET_PARAMETER = 'ticket';

/** 256 bits. */
const BYTES = 32;
const SHAPE = /^[A-Za-z0-9_-]{43}$/;

const CIPHER = 'aes-256-gcm';
const NONCE = 12; // bytes (NIST SP 800-38D §8.2)
const TAG = 16;

/** What a ticket stands for. The session gets its name with the ticket, so that a browser knows where to refresh it. */
interface Grant extends Carried {
  readonly session: string;
  readonly binding: Binding;
}

/** Where a ticket is good: at no other route, path, origin, nor with another client certificate. */
interface Binding {
  readonly route: string;
  readonly host: string;
  readonly path: string;
  readonly origin?: string | undefined;
  /** SHA-256 of the client certificate of the connection that asked. */
  readonly certificate?: string | undefined;
}

export interface Ticket {
  readonly ticket: string;
  readonly session: string;
}

/** Who came by a ticket. */
export interface Redeemed {
  readonly principal: Principal;
  readonly session: string;
}

/** The store, and the route, that a ticket is for. */
export interface Counter {
  readonly store: Pick<Store, 'add' | 'take'>;
  readonly route: Pick<RoutePlan, 'name' | 'identities'>;
}

/**
 * Gives out a ticket that is good for so many milliseconds. The store gets its hash alone, and what it stands for sealed
 * with a key that only the ticket gives: who reads the store can redeem nothing and learns of nobody.
 */
export async function issueTicket(
  { store, route }: Counter,
  principal: Principal,
  handshake: Handshake,
  lifetime: number,
): Promise<Ticket | Refused> {
  const ticket = randomBytes(BYTES).toString('base64url');
  const session = randomUUID();
  const identity = identityOf(route, principal.identity);
  const grant: Grant = { ...pack(principal, identity), session, binding: bindingOf(route, handshake) };
  const kept = await reach(() => store.add(keyOf(ticket), seal(ticket, JSON.stringify(grant)), lifetime));
  return typeof kept === 'object' ? kept : { ticket, session };
}

/** The ticket that an upgrade shows; undefined if it shows none. Not yet believed. */
export function presentedTicket({ protocols, query, headers }: Handshake): string | Refused | undefined {
  const offered = protocols
    .filter((name) => name.startsWith(TICKET_PROTOCOL))
    .map((name) => name.slice(TICKET_PROTOCOL.length));
  const [ticket, ...others] = new Set([...offered, ...new URLSearchParams(query).getAll(TICKET_PARAMETER)]);
  if (ticket === undefined) return undefined;
  if (others.length > 0) return refuse('credential_malformed', 'two different tickets in one request');
  // A cookie comes by itself, but these were meant.
  if (headers.has('authorization') || protocols.some((name) => name.startsWith(BEARER_PROTOCOL)))
    return refuse('credential_malformed', 'a ticket beside another credential');
  return SHAPE.test(ticket) ? ticket : refuse('ticket_invalid', 'not of the shape that tickets have');
}

/** The parameters of the query that hold credentials: they are not the upstream's business. */
export function credentialParameters({
  identities,
  tickets,
}: Pick<RoutePlan, 'identities' | 'tickets'>): string[] {
  const names = identities.flatMap(({ identity }) => identity.readsQuery ?? []);
  return tickets ? [...names, TICKET_PARAMETER] : names;
}

/** Takes a ticket for the one time that it is good. The principal is to be judged as any: it may be revoked by now. */
export async function redeemTicket(
  { store, route }: Counter,
  ticket: string,
  handshake: Handshake,
): Promise<Redeemed | Refused> {
  const sealed = await reach(() => store.take(keyOf(ticket)));
  if (sealed === undefined) return refuse('ticket_invalid', 'unknown, used up, or too old');
  if (typeof sealed !== 'string') return sealed as Refused;
  const { session, binding, ...carried }: Grant = JSON.parse(unseal(ticket, sealed));
  const differs = differenceOf(binding, bindingOf(route, handshake));
  if (differs) return refuse('ticket_invalid', `it was given for another ${differs}`);
  return { principal: unpack(carried, (name) => identityOf(route, name)), session };
}

function bindingOf({ name }: Pick<RoutePlan, 'name'>, { host, path, origin, tls }: Handshake): Binding {
  return { route: name, host, path, origin, certificate: tls.certificate?.fingerprint };
}

function differenceOf(given: Binding, shown: Binding): string | undefined {
  for (const part of ['route', 'host', 'path', 'origin', 'certificate'] as const)
    if (given[part] !== shown[part]) return part;
  return undefined;
}

function identityOf({ identities }: Counter['route'], wanted: string) {
  return identities.find(({ name }) => name === wanted)?.identity;
}

async function reach<T>(ask: () => Promise<T>): Promise<T | Refused> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof StoreError) return refuse('state_unavailable', `tickets: ${error.message}`);
    throw error;
  }
}

function keyOf(ticket: string): string {
  return `ticket/${createHash('sha256').update(ticket).digest('base64url')}`;
}

/** RFC 5869; the ticket has all the entropy that a key needs, and this one opens nothing else. */
function sealingKey(ticket: string): Buffer {
  return Buffer.from(hkdfSync('sha256', ticket, '', 'sallyport ticket', 32));
}

function seal(ticket: string, text: string): string {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(CIPHER, sealingKey(ticket), nonce);
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** @throws Error for anything that `seal` has not made with this ticket. */
function unseal(ticket: string, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv(CIPHER, sealingKey(ticket), bytes.subarray(0, NONCE), {
    authTagLength: TAG,
  });
  decipher.setAuthTag(bytes.subarray(-TAG));
  return decipher.update(bytes.subarray(NONCE, -TAG), undefined, 'utf8') + decipher.final('utf8');
}
