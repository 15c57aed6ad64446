// JW-29: subjects that look like another, or equal it after case folding or normalisation, are others.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { identityContext, identityOf, principalOf } from '../support/identity.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();

test('each keeps every byte it was issued with', async () => {
  const identity = identityOf(jwt, jwtOptionsOf(), identityContext({ 'keys.json': keySetText(signer) }));
  const subjects = [
    'ada',
    'Ada',
    '\u0430da',
    '\uff41da',
    'ada ',
    'ada\u200b',
    'Zo\u00eb',
    'Zoe\u0308',
    's',
    '\u017f',
    'K',
    '\u212a',
  ];
  const found: string[] = [];
  for (const sub of subjects) {
    found.push((await principalOf(identity, bearing(tokenOf(signer, claimsOf({ sub }))))).subject);
  }
  expect(found).toEqual(subjects);
  expect(new Set(found).size).toBe(subjects.length);
});
