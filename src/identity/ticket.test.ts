import { describe, expect, it } from 'vitest';
import { fakeHandshake, fakePrincipal, ManualClock } from '../../test/support/guard.ts';
import type { Handshake } from '../pipeline/handshake.ts';
import { type Identification, type Identity, NOT_MINE } from '../pipeline/identity.ts';
import type { Principal } from '../pipeline/principal.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { type Counter, issueTicket, presentedTicket, redeemTicket, type Ticket } from './ticket.ts';

const counter = (identity: Identity = { identify: () => NOT_MINE }): Counter => ({
  store: new MemoryStore(new ManualClock()),
  route: { name: 'chat', identities: [{ name: 'staff', identity }] },
});

async function given(at: Counter, principal: Principal = fakePrincipal(), handshake = fakeHandshake()) {
  const issued = await issueTicket(at, principal, handshake, 30_000);
  return issued as Ticket;
}

describe('a ticket', () => {
  it('stands for its holder, all that was verified included', async () => {
    const at = counter();
    const principal = fakePrincipal({
      roles: ['a'],
      tier: 'gold',
      claims: { sub: 'ada', deep: { list: [1, null] } },
      expiresAt: 5,
      issuedAt: 4,
      tokenId: 't',
    });
    const { ticket, session } = await given(at, principal);
    const redeemed = await redeemTicket(at, ticket, fakeHandshake());
    expect(redeemed).toEqual({ principal, session });
    expect(Object.isFrozen((redeemed as { principal: Principal }).principal.claims.deep)).toBe(true);
  });

  it('has 256 bits, and is another each time', async () => {
    const at = counter();
    const all = await Promise.all(Array.from({ length: 1_000 }, () => given(at)));
    expect(new Set(all.map(({ ticket }) => ticket)).size).toBe(1_000);
    expect(new Set(all.map(({ session }) => session)).size).toBe(1_000);
    for (const { ticket } of all) expect(Buffer.from(ticket, 'base64url')).toHaveLength(32);
  });

  it('takes along the credential that will be asked about again', async () => {
    const taken: [Principal, string][] = [];
    const recheck = {
      every: 1,
      credentialOf: () => 'the token',
      takeOver: (principal: Principal, credential: string) => void taken.push([principal, credential]),
      ask: async (): Promise<Identification> => NOT_MINE,
    } as const;
    const at = counter({ identify: () => NOT_MINE, recheck });
    const { ticket } = await given(at);
    const redeemed = (await redeemTicket(at, ticket, fakeHandshake())) as { principal: Principal };
    expect(taken).toEqual([[redeemed.principal, 'the token']]);
    expect(taken[0]![0]).toBe(redeemed.principal);
  });

  it.each<[string, Partial<Handshake>]>([
    ['host', { host: 'other.example.com' }],
    ['path', { path: '/chat/2' }],
    ['origin', { origin: 'https://app.example.com' }],
    ['certificate', { tls: { ...fakeHandshake().tls, certificate: { fingerprint: 'ab' } as never } }],
  ])('is not good at another %s, and then gone', async (part, changes) => {
    const at = counter();
    const { ticket } = await given(at);
    expect(await redeemTicket(at, ticket, fakeHandshake(changes))).toMatchObject({
      code: 'ticket_invalid',
      reason: `it was given for another ${part}`,
    });
    expect(await redeemTicket(at, ticket, fakeHandshake())).toMatchObject({ code: 'ticket_invalid' });
  });
});

describe('is found', () => {
  const T = 'A'.repeat(43);

  it.each<[string, Partial<Handshake>, unknown]>([
    ['nowhere', {}, undefined],
    ['among the subprotocols', { protocols: ['chat.v1', `ticket.${T}`] }, T],
    ['in the query', { query: `room=1&ticket=${T}` }, T],
    ['in both, the same', { protocols: [`ticket.${T}`], query: `ticket=${T}` }, T],
    ['twice, and different', { query: `ticket=${T}&ticket=x` }, 'credential_malformed'],
    ['in both, and different', { protocols: [`ticket.${T}`], query: 'ticket=x' }, 'credential_malformed'],
    [
      'beside Authorization',
      { query: `ticket=${T}`, headers: new Map([['authorization', 'x']]) },
      'credential_malformed',
    ],
    ['beside a token', { protocols: [`ticket.${T}`, 'bearer.x'] }, 'credential_malformed'],
    ['in another shape', { query: 'ticket=x' }, 'ticket_invalid'],
    ['empty', { query: 'ticket=' }, 'ticket_invalid'],
    ['with a path in it', { query: `ticket=${T}%2F..` }, 'ticket_invalid'],
  ])('%s', (_, changes, found) => {
    const presented = presentedTicket(fakeHandshake(changes));
    expect(typeof presented === 'object' ? presented.code : presented).toBe(found);
  });
});
