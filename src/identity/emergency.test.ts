import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bearing } from '../../test/support/handshake.ts';
import { identityContext, identityOf, type TestContext } from '../../test/support/identity.ts';
import { answerFor, introspectionOf } from '../../test/support/introspection.ts';
import { Provider, type Reply, saying } from '../../test/support/provider.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../../test/support/tokens.ts';
import type { Handshake } from '../pipeline/handshake.ts';
import { identify } from '../pipeline/identify.ts';
import type { Identity } from '../pipeline/identity.ts';
import { Emergency, type EmergencyOptions, emergencyOptions } from './emergency.ts';
import { emergencyStateOf } from './emergency-state.ts';
import { jwt } from './jwt.ts';

const HOUR = 3_600_000;
const signer = newSigner();
const away: Reply = (_, response) => response.writeHead(503).end();

let provider: Provider;
let context: TestContext;

beforeEach(async () => {
  provider = await Provider.listen(saying(keySetText(signer)));
  context = identityContext();
});

afterEach(() => provider.close());

const rule = (options: object = { subjects: ['ada'] }): EmergencyOptions => emergencyOptions.parse(options);

/** What becomes of a handshake: the principal, or the code of the refusal. */
async function outcome(identity: Identity, handshake: Handshake, options = rule()) {
  const lastResort = new Emergency(options, context.services);
  const found = await identify([{ name: 'staff', identity, lastResort }], handshake, context.services);
  return 'pass' in found ? found.code : found;
}

const declare = (milliseconds = HOUR) =>
  emergencyStateOf(context.services).begin(milliseconds, { who: 'operator' });

const admitted = () => context.said.filter(({ name }) => name === 'emergency.admitted');

describe('a jwt identity whose keys are too old, because its provider is away', () => {
  let identity: Identity;
  const token = (claims: object = {}, by = signer) =>
    tokenOf(by, claimsOf({ exp: Math.floor(Date.now() / 1_000) + 86_400, ...claims }));

  beforeEach(async () => {
    const options = jwtOptionsOf({ jwks: `${provider.url}/jwks`, maxTokenAge: '24h' });
    identity = identityOf(jwt, options, context);
    expect(await outcome(identity, bearing(token()))).toMatchObject({ subject: 'ada' });
    provider.behave(away);
    context.clock.pass(2 * HOUR);
  });

  it('refuses while no emergency is declared', async () => {
    expect(await outcome(identity, bearing(token()))).toBe('identity_unavailable');
  });

  it('believes the last known keys in an emergency, for a short time, marked and recorded', async () => {
    await declare();
    const found = await outcome(identity, bearing(token()), rule({ subjects: ['ada'], lifetime: '2m' }));
    expect(found).toMatchObject({
      subject: 'ada',
      emergency: true,
      expiresAt: context.clock.now() + 120_000,
    });
    expect(admitted()).toMatchObject([
      { fields: { identity: 'staff', subject: 'ada', address: '192.0.2.1', seconds: 120 } },
    ]);
  });

  it('lets in who is listed, or comes from a network that is', async () => {
    await declare();
    const bob = bearing(token({ sub: 'bob' }));
    const near = bearing(token({ sub: 'bob' }), { address: '10.1.2.3' });
    const options = rule({ subjects: ['ada'], networks: ['10.0.0.0/8'] });
    expect(await outcome(identity, bob, options)).toBe('identity_unavailable');
    expect(await outcome(identity, near, options)).toMatchObject({ subject: 'bob', emergency: true });
  });

  it.each([
    ['is signed by nobody', () => token({}, newSigner('k1')), 'credential_invalid'],
    ['names a key that was never known', () => token({}, newSigner('k2')), 'credential_invalid'],
    ['is for another audience', () => token({ aud: 'other' }), 'credential_invalid'],
    ['has run out', () => token({ exp: Math.floor(Date.now() / 1_000) + 60 }), 'credential_expired'],
    ['is none', () => 'ada', 'credential_malformed'],
  ])('believes no token that %s', async (_why, text, code) => {
    await declare();
    expect(await outcome(identity, bearing(text()))).toBe(code);
    expect(admitted()).toEqual([]);
  });

  it('never makes a credential last longer than it would', async () => {
    await declare();
    const exp = Math.floor(context.clock.now() / 1_000) + 30;
    const found = await outcome(
      identity,
      bearing(token({ exp })),
      rule({ subjects: ['ada'], lifetime: '1h' }),
    );
    expect(found).toMatchObject({ expiresAt: exp * 1_000 + 5_000 });
  });

  it('believes nothing any more when the time is over, by either clock', async () => {
    await declare(60_000);
    context.clock.wall += 60_000;
    expect(await outcome(identity, bearing(token()))).toBe('identity_unavailable');
    await declare(60_000);
    context.clock.ticks += 60_000;
    expect(await outcome(identity, bearing(token()))).toBe('identity_unavailable');
  });

  it('asks the provider first, and needs no emergency once that answers', async () => {
    await declare();
    expect(await outcome(identity, bearing(token()))).toMatchObject({ emergency: true });
    provider.behave(saying(keySetText(signer)));
    context.clock.pass(30_000);
    expect(await outcome(identity, bearing(token()))).not.toHaveProperty('emergency');
    // Its keys were withdrawn: the emergency brings none back.
    provider.behave(saying(keySetText(newSigner('k9'))));
    context.clock.pass(HOUR);
    await declare();
    expect(await outcome(identity, bearing(token()))).toBe('credential_invalid');
  });

  it('has nothing to believe where it never had keys', async () => {
    const other = identityOf(jwt, jwtOptionsOf({ jwks: `${provider.url}/other` }), context);
    await declare();
    expect(await outcome(other, bearing(token()))).toBe('identity_unavailable');
  });
});

describe('an introspection identity whose provider is away', () => {
  const exp = Math.floor(Date.now() / 1_000) + 3 * 3_600;

  async function known(answer: object = answerFor({ exp })): Promise<Identity> {
    provider.behave(saying(answer));
    const { identity } = introspectionOf(provider, { recheck: '1m' }, context);
    await outcome(identity, bearing('opaque-1'));
    provider.behave(away);
    context.clock.pass(HOUR);
    return identity;
  }

  it('believes in an emergency the last yes to a token, and no other token', async () => {
    const identity = await known();
    expect(await outcome(identity, bearing('opaque-1'))).toBe('identity_unavailable');
    await declare();
    expect(await outcome(identity, bearing('opaque-1'))).toMatchObject({ subject: 'ada', emergency: true });
    expect(await outcome(identity, bearing('opaque-2'))).toBe('identity_unavailable');
    expect(await outcome(identity, bearing('opaque-1'), rule({ subjects: ['bob'] }))).toBe(
      'identity_unavailable',
    );
  });

  it('is asked again about the token of whoever it let in', async () => {
    const identity = await known();
    await declare();
    const found = await outcome(identity, bearing('opaque-1'));
    if (typeof found === 'string') throw new Error(found);
    expect(identity.recheck?.credentialOf(found)).toBe('opaque-1');
  });

  it('does not believe it after it has run out', async () => {
    const identity = await known();
    await declare();
    context.clock.pass(2 * HOUR);
    await declare();
    expect(await outcome(identity, bearing('opaque-1'))).toBe('identity_unavailable');
  });

  it('does not believe it after a no', async () => {
    const identity = await known();
    provider.behave(saying({ active: false }));
    expect(await outcome(identity, bearing('opaque-1'))).toBe('credential_invalid');
    provider.behave(away);
    context.clock.pass(60_000);
    await declare();
    expect(await outcome(identity, bearing('opaque-1'))).toBe('identity_unavailable');
  });
});

it('is a mistake where nobody could come in', () => {
  expect(emergencyOptions.safeParse({}).success).toBe(false);
  expect(emergencyOptions.safeParse({ subjects: [], networks: [] }).success).toBe(false);
});
