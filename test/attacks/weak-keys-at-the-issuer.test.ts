// JW-21, JK-08: an issuer that publishes keys nobody should trust: weak, broken, or with their private part.
import { afterEach, expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { Provider, saying } from '../support/provider.ts';
import { jwtOptionsOf, newRsaSigner, newSigner, type Signer, tokenOf } from '../support/tokens.ts';

const good = newSigner('good');
let provider: Provider;

afterEach(() => provider.close());

async function answers(signer: Signer, jwk: object) {
  provider = await Provider.listen(saying({ keys: [jwk, good.jwk] }));
  const context = identityContext();
  const identity = identityOf(jwt, jwtOptionsOf({ jwks: `${provider.url}/keys` }), context);
  const answer = await answerOf(identity, bearing(tokenOf(signer)));
  expect(await answerOf(identity, bearing(tokenOf(good)))).toBe('accepted');
  return { answer, said: context.said.filter(({ name }) => name === 'keys.refused') };
}

test.each([
  ['512 bits', newRsaSigner('weak', 512)],
  ['1,024 bits', newRsaSigner('weak', 1_024)],
  ['an exponent of 3', newRsaSigner('weak', 2_048, 3)],
])('RSA with %s', async (_, signer) => {
  const { answer, said } = await answers(signer, signer.jwk);
  expect(answer).toBe('credential_invalid');
  expect(said).toHaveLength(1);
});

test('a private key that is public: the key is refused and the operator told', async () => {
  const leaked = newSigner('leaked');
  const { answer, said } = await answers(leaked, {
    ...leaked.jwk,
    ...leaked.privateKey.export({ format: 'jwk' }),
  });
  expect(answer).toBe('credential_invalid');
  expect(said[0]?.fields.reason).toMatch(/^key "leaked": its private part is public/);
});

test('a point that is not on the curve', async () => {
  const signer = newSigner('odd');
  const { answer } = await answers(signer, { ...signer.jwk, y: signer.jwk.x });
  expect(answer).toBe('credential_invalid');
});
