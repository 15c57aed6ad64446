// JW-09: tokens that have run out, never do, or say so in a way that compares as if they never did.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const context = identityContext({ 'keys.json': keySetText(signer) });
const now = Math.floor(context.clock.now() / 1_000);
const identity = identityOf(jwt, jwtOptionsOf({ leeway: '2s' }), context);
const answerTo = (claims: object | string) => answerOf(identity, bearing(tokenOf(signer, claims)));

test.each([
  ['an hour ago', now - 3_600],
  ['at the end of the leeway', now - 2],
  ['at the beginning of time', 0],
])('%s', async (_, exp) => {
  expect(await answerTo(claimsOf({ exp, iat: now - 7_200 }))).toBe('credential_expired');
});

test('just now, within the leeway', async () => {
  expect(await answerTo(claimsOf({ exp: now }))).toBe('accepted');
  expect(await answerTo(claimsOf({ exp: now - 1 }))).toBe('accepted');
});

test.each([
  ['missing', undefined],
  ['a text', String(now + 900)],
  ['null', null],
  ['true', true],
  ['a list', [now + 900]],
  ['1e300', 1e300],
  ['in milliseconds', (now + 900) * 1_000],
  ['negative', -1],
])('%s', async (_, exp) => {
  expect(await answerTo(claimsOf({ exp }))).toBe('credential_invalid');
});

test.each(['1e999', '-1e999'])('%s, which is infinite', async (exp) => {
  const text = JSON.stringify(claimsOf({ exp: 7 })).replace('"exp":7', `"exp":${exp}`);
  expect(await answerTo(text)).toBe('credential_invalid');
});

test('NaN is no JSON', async () => {
  expect(await answerTo(JSON.stringify(claimsOf({ exp: 7 })).replace('"exp":7', '"exp":NaN'))).toBe(
    'credential_malformed',
  );
});
