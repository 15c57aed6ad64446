// JK-08: ten thousand keys, several keys of one id, keys that say nothing of what they are for.
import { afterEach, expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { Provider, saying } from '../support/provider.ts';
import { claimsOf, jwtOptionsOf, newRsaSigner, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
let provider: Provider;

afterEach(() => provider.close());

async function issuing(keys: readonly object[], options: object = {}) {
  provider = await Provider.listen(saying({ keys }));
  const context = identityContext();
  const identity = identityOf(jwt, jwtOptionsOf({ jwks: `${provider.url}/keys`, ...options }), context);
  return { identity, context };
}

test('ten thousand keys are too many, however few bytes they have', async () => {
  const { identity, context } = await issuing(Array(10_000).fill({ kty: 'x' }));
  expect(await answerOf(identity, bearing(tokenOf(signer)))).toBe('identity_unavailable');
  expect(context.said[0]?.fields.error).toBe('10000 keys are more than 100');
});

test('ten thousand whole keys are too many bytes', async () => {
  const { identity, context } = await issuing(Array(10_000).fill(signer.jwk));
  expect(await answerOf(identity, bearing(tokenOf(signer)))).toBe('identity_unavailable');
  expect(context.said[0]?.fields.error).toMatch(/larger than 262144 bytes/);
});

test('of several keys with one id, those that fit the algorithm are tried', async () => {
  const twin = newSigner('k1');
  const { identity } = await issuing([newRsaSigner('k1').jwk, twin.jwk, signer.jwk]);
  expect(await answerOf(identity, bearing(tokenOf(signer)))).toBe('accepted');
  expect(await answerOf(identity, bearing(tokenOf(twin)))).toBe('accepted');
  expect(await answerOf(identity, bearing(tokenOf(newSigner('k1'))))).toBe('credential_invalid');
});

test('of a hundred with one id, none is: a stranger would choose how much work that is', async () => {
  const { identity } = await issuing(Array.from({ length: 50 }, () => signer.jwk));
  expect(await answerOf(identity, bearing(tokenOf(signer)))).toBe('credential_invalid');
  expect(await answerOf(identity, bearing(tokenOf(signer, claimsOf(), { kid: undefined })))).toBe(
    'credential_invalid',
  );
});

test('a key without use and alg serves the algorithms of its kind', async () => {
  const { use: _use, alg: _alg, ...bare } = signer.jwk;
  const { identity } = await issuing([bare]);
  expect(await answerOf(identity, bearing(tokenOf(signer)))).toBe('accepted');
});

test('a shared secret in a public set serves nobody', async () => {
  const { identity } = await issuing([{ kty: 'oct', k: 'c2VjcmV0', kid: 'k1' }, signer.jwk]);
  expect(await answerOf(identity, bearing(tokenOf(signer, claimsOf(), { alg: 'HS256' })))).toBe(
    'credential_invalid',
  );
});
