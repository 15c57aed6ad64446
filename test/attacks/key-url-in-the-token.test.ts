// JW-06: a token that says where to fetch its key: nobody is asked.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityOf } from '../support/identity.ts';
import { Provider, saying } from '../support/provider.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const attacker = newSigner('evil');
let good: Provider;
let evil: Provider;

beforeAll(async () => {
  good = await Provider.listen(saying(keySetText(signer)));
  evil = await Provider.listen(saying(keySetText(attacker)));
});

afterAll(() => Promise.all([good.close(), evil.close()]));

test.each(['jku', 'x5u', 'kid'])('%s', async (name) => {
  const identity = identityOf(jwt, jwtOptionsOf({ jwks: `${good.url}/keys` }));
  const forged = tokenOf(attacker, claimsOf(), { [name]: `${evil.url}/keys` });
  expect(await answerOf(identity, bearing(forged))).toBe('credential_invalid');
  expect(await answerOf(identity, bearing(tokenOf(signer)))).toBe('accepted');
  expect(evil.asked).toEqual([]);
});
