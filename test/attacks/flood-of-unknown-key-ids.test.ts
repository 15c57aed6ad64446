// JK-01: ten thousand tokens that each name a key nobody has: the issuer is asked once in a cooldown, and those who have a
// good token notice nothing.
import { afterEach, expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { Provider, saying } from '../support/provider.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
let provider: Provider;

afterEach(() => provider.close());

test.each([
  ['a good key set', keySetText(signer)],
  ['an empty one', '{"keys":[]}'],
])('with %s', async (_, text) => {
  provider = await Provider.listen(saying(text));
  const context = identityContext();
  const identity = identityOf(jwt, jwtOptionsOf({ jwks: `${provider.url}/keys` }), context);
  const good = text.includes('k1') ? 'accepted' : 'credential_invalid';
  const forged = tokenOf(signer, claimsOf(), { kid: 'KID' }).split('.').slice(1).join('.');
  const header = (i: number) =>
    Buffer.from(`{"alg":"ES256","typ":"at+jwt","kid":"${i}"}`).toString('base64url');

  for (let minute = 0; minute < 2; minute++) {
    for (let i = 0; i < 5_000; i++) {
      expect(await answerOf(identity, bearing(`${header(i)}.${forged}`))).toBe('credential_invalid');
      if (i % 100 === 0) {
        const fresh = tokenOf(signer, claimsOf({ jti: `${minute} ${i}` }));
        expect(await answerOf(identity, bearing(fresh))).toBe(good);
      }
    }
    // The first is the fetch that everyone needs; the cooldown has passed once more by the second round.
    expect(provider.asked).toHaveLength(minute + 1);
    context.clock.pass(30_000);
  }
});
