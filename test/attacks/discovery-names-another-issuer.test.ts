// JK-10: a discovery document that speaks for somebody else, or leads somewhere unsafe.
import { afterEach, expect, test } from 'vitest';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { Provider, routing, saying } from '../support/provider.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
let provider: Provider;

afterEach(() => provider.close());

/** What a good token gets at an issuer that describes itself like this. */
async function answerWith(describe: (url: string) => object) {
  provider = await Provider.listen(() => {});
  const { url } = provider;
  provider.behave(
    routing({
      '/.well-known/openid-configuration': saying(describe(url)),
      '/keys': saying(keySetText(signer)),
    }),
  );
  const context = identityContext();
  const identity = identityOf(jwt, jwtOptionsOf({ jwks: undefined, issuer: url }), context);
  const answer = await answerOf(identity, bearing(tokenOf(signer, claimsOf({ iss: url }))));
  return { answer, health: identity.health?.() };
}

test('the issuer that was asked, and its keys', async () => {
  const { answer, health } = await answerWith((url) => ({ issuer: url, jwks_uri: `${url}/keys` }));
  expect(answer).toBe('accepted');
  expect(health).toBeUndefined();
});

test.each([
  ['another issuer', (url: string) => ({ issuer: 'https://evil.example', jwks_uri: `${url}/keys` })],
  ['a slash more', (url: string) => ({ issuer: `${url}/`, jwks_uri: `${url}/keys` })],
  ['another case', (url: string) => ({ issuer: url.toUpperCase(), jwks_uri: `${url}/keys` })],
  ['no issuer', (url: string) => ({ jwks_uri: `${url}/keys` })],
  ['no keys', (url: string) => ({ issuer: url })],
  ['keys over http elsewhere', (url: string) => ({ issuer: url, jwks_uri: 'http://192.0.2.1/keys' })],
  ['keys in a file', (url: string) => ({ issuer: url, jwks_uri: 'file:///etc/passwd' })],
  ['keys that are no text', (url: string) => ({ issuer: url, jwks_uri: [`${url}/keys`] })],
])('%s', async (_, describe) => {
  const { answer, health } = await answerWith(describe);
  expect(answer).toBe('identity_unavailable');
  expect(health).toMatch(/^no keys: the discovery document /);
  expect(provider.asked).toEqual(['/.well-known/openid-configuration']);
});

test('an issuer over https cannot send us to plain http on our own machine', async () => {
  const inner = await Provider.listen(saying(keySetText(signer)));
  const ca = await createDevelopmentCa();
  provider = await Provider.listen(() => {}, await ca.issue({ ip: ['127.0.0.1'] }));
  provider.behave(saying({ issuer: provider.url, jwks_uri: `${inner.url}/keys` }));
  const options = jwtOptionsOf({ jwks: undefined, issuer: provider.url, keys: { ca: 'ca.pem' } });
  const identity = identityOf(jwt, options, identityContext({ 'ca.pem': ca.cert }));
  const token = tokenOf(signer, claimsOf({ iss: provider.url }));
  expect(await answerOf(identity, bearing(token))).toBe('identity_unavailable');
  expect([provider.asked.length, inner.asked]).toEqual([1, []]);
  await inner.close();
});
