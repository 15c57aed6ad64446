// JW-27: a thousand bad tokens from one address: after a few, none of its new tokens is verified for a while.
import { expect, test, vi } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const count = vi.hoisted(() => ({ signatures: 0 }));

vi.mock('jose', async (original) => {
  const jose = await original<typeof import('jose')>();
  const jwtVerify = (...args: unknown[]) => {
    count.signatures++;
    return (jose.jwtVerify as (...args: unknown[]) => unknown)(...args);
  };
  return { ...jose, jwtVerify };
});

const signer = newSigner();
const attacker = newSigner();

function flooded() {
  count.signatures = 0;
  const context = identityContext({ 'keys.json': keySetText(signer) });
  const build = () => identityOf(jwt, jwtOptionsOf({ badTokens: '30/m' }), context);
  return { context, identity: build(), build };
}

const forgedFrom = (address: string, i: number) =>
  bearing(tokenOf(attacker, claimsOf({ jti: `x${i}` })), { address });

test('costs thirty signatures, and then none', async () => {
  const { identity, context } = flooded();
  const answers: string[] = [];
  for (let i = 0; i < 1_000; i++) answers.push(await answerOf(identity, forgedFrom('192.0.2.1', i)));
  expect(answers.filter((answer) => answer === 'credential_invalid')).toHaveLength(30);
  expect(answers.filter((answer) => answer === 'identity_flooded')).toHaveLength(970);
  expect(count.signatures).toBe(30);
  expect(context.said.map(({ name }) => name)).toEqual(['identity.locked']);
});

test('whoever shares the address keeps a token that was seen before, and others are not touched', async () => {
  const { identity, context } = flooded();
  const known = bearing(tokenOf(signer), { address: '192.0.2.1' });
  expect(await answerOf(identity, known)).toBe('accepted');
  for (let i = 0; i < 100; i++) await identity.identify(forgedFrom('192.0.2.1', i));
  expect(await answerOf(identity, known)).toBe('accepted');
  const fresh = tokenOf(signer, claimsOf({ jti: 'new' }));
  expect(await answerOf(identity, bearing(fresh, { address: '192.0.2.1' }))).toBe('identity_flooded');
  expect(await answerOf(identity, bearing(fresh, { address: '192.0.2.2' }))).toBe('accepted');
  context.clock.pass(60_000);
  const newer = bearing(tokenOf(signer, claimsOf({ jti: 'newer' })), { address: '192.0.2.1' });
  expect(await answerOf(identity, newer)).toBe('accepted');
});

test('says how long to wait', async () => {
  const { identity } = flooded();
  for (let i = 0; i < 30; i++) await identity.identify(forgedFrom('192.0.2.1', i));
  expect(identity.identify(forgedFrom('192.0.2.1', 30))).toMatchObject({ retryAfter: 2_000 });
});

test('an IPv6 attacker has one allowance for a whole /64', async () => {
  const { identity } = flooded();
  for (let i = 0; i < 100; i++) await identity.identify(forgedFrom(`2001:db8:0:1::${i.toString(16)}`, i));
  expect(count.signatures).toBe(30);
  expect(await answerOf(identity, forgedFrom('2001:db8:0:2::1', 1))).toBe('credential_invalid');
});

test('a reload hands out no new allowance', async () => {
  const { identity, build } = flooded();
  for (let i = 0; i < 30; i++) await identity.identify(forgedFrom('192.0.2.1', i));
  expect(await answerOf(build(), forgedFrom('192.0.2.1', 30))).toBe('identity_flooded');
});

test('tokens that have merely run out are not held against the address', async () => {
  const { identity } = flooded();
  const old = bearing(tokenOf(signer, claimsOf({ exp: 1 })));
  for (let i = 0; i < 100; i++) expect(await answerOf(identity, old)).toBe('credential_expired');
  expect(await answerOf(identity, bearing(tokenOf(signer)))).toBe('accepted');
  expect(count.signatures).toBe(1);
});

test('a storm of reconnects with good tokens costs one signature each', async () => {
  const { identity } = flooded();
  const handshakes = Array.from({ length: 50 }, (_, i) =>
    bearing(tokenOf(signer, claimsOf({ jti: `good ${i}` }))),
  );
  for (let round = 0; round < 10; round++) {
    for (const handshake of handshakes) expect(await answerOf(identity, handshake)).toBe('accepted');
  }
  expect(count.signatures).toBe(50);
});
