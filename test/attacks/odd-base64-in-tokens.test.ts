// JW-16: the same bytes in another spelling, and more or fewer parts than three.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { isBase64url } from '../../src/identity/token.ts';
import { bearing, handshakeOf } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const options = jwtOptionsOf({ tokenFrom: ['header', 'dangerously-query:t'] });
const identity = identityOf(jwt, options, identityContext({ 'keys.json': keySetText(signer) }));
const token = tokenOf(signer);
const [head, body, tail] = token.split('.') as [string, string, string];

test.each([
  ['padding', `${token}==`],
  ['padding inside', `${head}=.${body}.${tail}`],
  ['a trailing dot', `${token}.`],
  ['a leading dot', `.${token}`],
  ['one part', head],
  ['two parts', `${head}.${body}`],
  ['four parts', `${token}.${tail}`],
  ['five parts', `${token}.${tail}.${tail}`],
  ['six parts', `${token}.${token}`],
  ['an empty header', `.${body}.${tail}`],
  ['empty claims', `${head}..${tail}`],
  ['the other alphabet', `${head}.${body}.+/${tail.slice(2)}`],
  ['a blank', `${head}. ${body}.${tail}`],
  ['a line break', `${head}.\n${body}.${tail}`],
  ['a tab at the end', `${token}\t`],
  ['a NUL', `${head}.${body}\0.${tail}`],
  ['a letter beyond ASCII', `${head}.${body}.é${tail.slice(1)}`],
  ['a length that no bytes have', `${head}.${body}.${tail}AAA`],
  ['nothing but dots', '..'],
])('%s', async (_, text) => {
  const asQuery = handshakeOf({ query: `t=${encodeURIComponent(text)}` });
  expect(await answerOf(identity, asQuery)).toBe('credential_malformed');
  expect(await answerOf(identity, bearing(text))).toBe('credential_malformed');
});

test('every text of bytes has one spelling, and only that one is read', () => {
  for (let first = 0; first < 256; first++) {
    for (const bytes of [[first], [first, first], [first, 0, first]]) {
      const text = Buffer.from(bytes).toString('base64url');
      const last = text.charCodeAt(text.length - 1);
      expect(isBase64url(text)).toBe(true);
      const other = text.slice(0, -1) + String.fromCharCode(last + 1);
      const same = Buffer.from(other, 'base64url').equals(Buffer.from(bytes));
      if (same) expect(isBase64url(other)).toBe(false);
    }
  }
});
