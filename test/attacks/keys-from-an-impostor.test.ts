// JK-11: keys over plain http, or from a server whose certificate is for another name or by nobody we know.
import { afterEach, expect, test } from 'vitest';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { Provider, saying } from '../support/provider.ts';
import { jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
let provider: Provider | undefined;

afterEach(() => provider?.close());

async function answerOver(names: { ip?: string[]; dns?: string[] }, trusted: boolean) {
  const ca = await createDevelopmentCa();
  const other = await createDevelopmentCa();
  provider = await Provider.listen(saying(keySetText(signer)), await ca.issue(names));
  const context = identityContext({ 'ca.pem': trusted ? ca.cert : other.cert });
  const options = jwtOptionsOf({ jwks: `${provider.url}/keys`, keys: { ca: 'ca.pem' } });
  return answerOf(identityOf(jwt, options, context), bearing(tokenOf(signer)));
}

test('the right name by the right authority', async () => {
  expect(await answerOver({ ip: ['127.0.0.1'] }, true)).toBe('accepted');
});

test('the wrong name, and the wrong authority: not one request is sent', async () => {
  expect(await answerOver({ dns: ['id.example.com'] }, true)).toBe('identity_unavailable');
  expect(provider?.asked).toEqual([]);
  await provider?.close();
  expect(await answerOver({ ip: ['127.0.0.1'] }, false)).toBe('identity_unavailable');
  expect(provider?.asked).toEqual([]);
});

test.each([
  { jwks: 'http://id.example.com/keys' },
  { jwks: 'http://127.0.0.1.example.com/keys' },
  { jwks: undefined, issuer: 'http://id.example.com' },
])('plain http is no configuration: %o', (changes) => {
  expect(jwt.options.safeParse(jwtOptionsOf(changes)).success).toBe(false);
});

test('an empty bundle does not mean every public authority', () => {
  for (const pem of ['', '# nothing yet\n']) {
    const context = identityContext({ 'ca.pem': pem });
    const options = jwtOptionsOf({ jwks: 'https://127.0.0.1/keys', keys: { ca: 'ca.pem' } });
    expect(() => identityOf(jwt, options, context)).toThrow(/no CERTIFICATE|cut off/);
  }
});
