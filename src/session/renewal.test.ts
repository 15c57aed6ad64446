import { describe, expect, it } from 'vitest';
import { fakeConnection, fakePrincipal, ManualClock } from '../../test/support/guard.ts';
import { certificateOf } from '../../test/support/handshake.ts';
import { openRoute } from '../../test/support/memory-session.ts';
import type { RefusalCode } from '../errors.ts';
import type { Principal } from '../pipeline/principal.ts';
import type { Armed, RoutePlan } from '../pipeline/route.ts';
import { PASS, refuse } from '../pipeline/verdict.ts';
import { silentRecorder } from '../record/recorder.ts';
import { createServices } from '../store/services.ts';
import { haveSameRights, type Offer, type RenewalHost, refuseFlood, renew } from './renewal.ts';

const certificate = certificateOf({ serial: '0a', fingerprint: 'aa'.repeat(32) });

function hosted(principal: Partial<Principal> = {}, route: Partial<RoutePlan> = {}) {
  const clock = new ManualClock();
  const services = createServices(silentRecorder, clock);
  const host = {
    ...fakeConnection({ origin: 'https://app.example.com' }),
    plan: { ...openRoute(), ...route },
    listener: 'public',
    certificate,
    ending: false,
    principal: fakePrincipal({ claims: { iss: 'https://id.example.com' }, ...principal }),
    bounds: undefined as readonly Principal[] | undefined,
    ended: undefined as RefusalCode | undefined,
    end(code: RefusalCode) {
      host.ended = code;
    },
    become(next: Principal, bounds: readonly Principal[] | undefined) {
      host.principal = next;
      host.bounds = bounds;
    },
  } satisfies RenewalHost & { ended: unknown };
  const offer = (changes: Partial<Principal> = {}, from: Partial<Offer> = {}) =>
    renew(
      host,
      {
        principal: { ...host.principal, ...changes },
        host: host.host,
        path: host.path,
        origin: host.origin,
        certificate: certificate.fingerprint,
        ...from,
      },
      'request',
      services,
    );
  return { host, clock, services, offer };
}

describe('the holder', () => {
  it.each<[string, Partial<Principal>, Partial<Offer>, Partial<Principal>]>([
    ['another identity', { identity: 'guests' }, {}, {}],
    ['another subject', { subject: 'eve' }, {}, {}],
    ['a subject that looks alike', { subject: 'Ada' }, {}, {}],
    ['another tenant', { tenant: 'globex' }, {}, {}],
    ['no tenant', { tenant: undefined as never }, {}, {}],
    ['another issuer', { claims: { iss: 'https://evil.example.com' } }, {}, {}],
    ['no issuer', { claims: {} }, {}, {}],
    ['a certificate where none proved it', { certificateSerial: '0a' }, {}, {}],
    [
      'no certificate where one proved it',
      { certificateSerial: undefined as never },
      {},
      { certificateSerial: '0a' },
    ],
    ['another serial number', { certificateSerial: '0b' }, {}, { certificateSerial: '0a' }],
    [
      'the same number of another certificate',
      {},
      { certificate: 'bb'.repeat(32) },
      { certificateSerial: '0a' },
    ],
    ['no certificate shown', {}, { certificate: undefined }, { certificateSerial: '0a' }],
    ['another origin', {}, { origin: 'https://other.example.com' }, {}],
    ['no origin', {}, { origin: undefined }, {}],
    ['another path', {}, { path: '/other' }, {}],
    ['another host', {}, { host: 'other.example.com' }, {}],
  ])('%s is a mismatch, and nothing changes', (_, changes, from, before) => {
    const { host, offer } = hosted(before);
    const { principal } = host;
    expect(offer(changes, from)).toMatchObject({ code: 'identity_mismatch' });
    expect(host).toMatchObject({ principal, bounds: undefined, ended: undefined });
  });

  it('may come with another certificate where none proved it, and with the same one where one did', () => {
    expect(hosted().offer({}, { certificate: undefined }).pass).toBe(true);
    expect(hosted({ certificateSerial: '0a' }).offer().pass).toBe(true);
  });
});

describe('what may be', () => {
  it('tells how long the new credential is good', () => {
    const { offer, clock } = hosted();
    expect(offer({ expiresAt: clock.wall + 5_000.5 })).toEqual({ pass: true, expiresIn: 5_000 });
    expect(hosted().offer()).toEqual({ pass: true, expiresIn: undefined });
  });

  it.each([0, -1])('refuses one that is over by %d ms', (ms) => {
    const { offer, clock } = hosted();
    expect(offer({ expiresAt: clock.wall + ms })).toMatchObject({ code: 'credential_expired' });
  });

  it('refuses one that is revoked', () => {
    const { offer, services } = hosted();
    services.revocations.add({
      by: 'tokenId',
      value: 't-2',
      issuedBefore: 0,
      until: Number.MAX_SAFE_INTEGER,
    });
    expect(offer({ tokenId: 't-2' })).toMatchObject({ code: 'credential_revoked' });
    expect(offer({ tokenId: 't-3' }).pass).toBe(true);
  });

  it('does nothing to a session that is ending', () => {
    const { host, offer } = hosted();
    (host as { ending: boolean }).ending = true;
    expect(offer()).toMatchObject({ code: 'session_unknown' });
  });
});

describe('the door', () => {
  const armed = (guard: Armed['guard'], observe = false): Partial<RoutePlan> => ({
    door: [{ name: 'door', guard, observe }],
  });
  const no = { onRenewal: () => refuse('not_authorized', 'not any more') };

  it('is asked again, and a no ends the session', () => {
    const { host, offer } = hosted({}, armed(no));
    expect(offer()).toMatchObject({ code: 'not_authorized' });
    expect(host.ended).toBe('not_authorized');
  });

  it('lets pass where the guard observes, says yes, or has nothing to say', () => {
    for (const route of [armed(no, true), armed({ onRenewal: () => PASS }), armed({ onUpgrade: () => PASS })])
      expect(hosted({}, route).offer().pass).toBe(true);
  });

  it('that fails is a no', () => {
    const broken = {
      onRenewal() {
        throw new Error('broken');
      },
    };
    const { host, offer } = hosted({}, armed(broken));
    expect(offer()).toMatchObject({ code: 'internal' });
    expect(host.ended).toBe('internal');
  });
});

describe('rights', () => {
  const rolesOf = (bounds: readonly Principal[] | undefined) => bounds?.map(({ roles }) => roles.join());
  const steps = (...all: string[]) => {
    const { host, offer } = hosted({ roles: [all[0]!] });
    const last = all
      .slice(1)
      .map((role) => offer({ roles: [role] }))
      .at(-1)!;
    return { host, last };
  };

  it.each([
    [['a', 'a'], undefined],
    [['a', 'b'], ['a']],
    [['a', 'b', 'b'], ['a']],
    [['a', 'b', 'a'], ['b']],
    [['a', 'b', 'a', 'b'], ['a']],
    [
      ['a', 'b', 'c'],
      ['a', 'b'],
    ],
  ])('after %j are bound by %j', (all, bounds) => {
    const { host } = steps(...all);
    expect(rolesOf(host.bounds)).toEqual(bounds);
    expect(host.principal.roles).toEqual([all.at(-1)]);
  });

  it('are bound by eight at most', () => {
    const { host, last } = steps(...'abcdefghij');
    expect(last).toMatchObject({ code: 'rights_changed' });
    expect(host.principal.roles).toEqual(['i']);
    expect(host.bounds).toHaveLength(8);
  });

  it('grow where the route says so', () => {
    const { host, offer } = hosted({ roles: ['a'] }, { refresh: { widen: true } });
    offer({ roles: ['a', 'b'] });
    expect(host.bounds).toBeUndefined();
  });

  const base = fakePrincipal({
    roles: ['a'],
    tier: 'free',
    claims: { scope: 'x', exp: 1, iat: 1, nbf: 1, jti: 'a' },
  });

  it.each<[string, Partial<Principal>, boolean]>([
    ['nothing', {}, true],
    [
      'the times and the id of the token',
      { expiresAt: 9, issuedAt: 8, tokenId: 'b', claims: { scope: 'x', exp: 2, iat: 2, nbf: 2, jti: 'b' } },
      true,
    ],
    ['a token without an id', { claims: { scope: 'x' } }, true],
    ['a role', { roles: ['a', 'b'] }, false],
    ['the tier', { tier: 'gold' }, false],
    ['a claim', { claims: { scope: 'y' } }, false],
    ['one claim more', { claims: { scope: 'x', admin: true } }, false],
    ['how sure the issuer is', { claims: { scope: 'x', auth_time: 5 } }, false],
  ])('are the same if %s differs: %s', (_, changes, same) => {
    expect(haveSameRights(base, { ...base, ...changes })).toBe(same);
  });
});

it('takes twelve credentials at once, and then one each five seconds', () => {
  const { host, services, clock } = hosted();
  for (let i = 0; i < 12; i++) expect(refuseFlood(host, services)).toBeUndefined();
  expect(refuseFlood(host, services)).toMatchObject({ code: 'rate_exceeded', retryAfter: 5_000 });
  clock.pass(5_000);
  expect(refuseFlood(host, services)).toBeUndefined();
  expect(refuseFlood(host, services)).toMatchObject({ code: 'rate_exceeded' });
});
