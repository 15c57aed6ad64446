// JK-09: malformed tokens that arrive while the keys are being fetched (CVE-2025-64527).
import { afterEach, expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityOf } from '../support/identity.ts';
import { Provider } from '../support/provider.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
let provider: Provider;

afterEach(() => provider.close());

test('are refused at once, and those who wait are not disturbed', async () => {
  let release = () => {};
  provider = await Provider.listen((_, response) => {
    release = () => response.end(keySetText(signer));
  });
  const identity = identityOf(jwt, jwtOptionsOf({ jwks: `${provider.url}/keys` }));
  const waiting = [tokenOf(signer), tokenOf(newSigner()), tokenOf(signer, claimsOf({ aud: 'x' }))].map(
    (token) => answerOf(identity, bearing(token)),
  );
  while (provider.asked.length === 0) await new Promise(setImmediate);
  for (const token of ['', '.', '..', 'a.b.c', 'e30.e30.AAAA', '\0']) {
    expect(identity.identify(bearing(`${token}x`))).toMatchObject({ pass: false });
  }
  release();
  expect(await Promise.all(waiting)).toEqual(['accepted', 'credential_invalid', 'credential_invalid']);
  expect(provider.asked).toHaveLength(1);
});
