import { expect, test } from 'vitest';
import { keySetText, newEdSigner, newRsaSigner, newSigner } from '../../test/support/tokens.ts';
import { ALGORITHM_NAMES } from './algorithms.ts';
import { parseKeySet } from './key-set.ts';

const signer = newSigner();
const rsa = newRsaSigner();
const setOf = (...keys: object[]) => parseKeySet(JSON.stringify({ keys }), ALGORITHM_NAMES, 20);

test('finds keys by id and algorithm', () => {
  const set = parseKeySet(keySetText(signer, rsa, newEdSigner()), ALGORITHM_NAMES, 20);
  expect(set.size).toBe(3);
  expect(set.candidates('ES256', 'k1')).toHaveLength(1);
  expect(set.candidates('RS256', 'r1')).toHaveLength(1);
  expect(set.candidates('EdDSA', 'e1')).toHaveLength(1);
  expect(set.candidates('RS256', 'k1')).toEqual([]);
  expect(set.candidates('ES256', 'K1')).toEqual([]);
  expect(set.candidates('ES256', undefined)).toHaveLength(1);
});

test('a key that names no algorithm serves those of its kind, and no secret ones', () => {
  const { alg: _, ...jwk } = rsa.jwk;
  const set = setOf(jwk);
  const served = ALGORITHM_NAMES.filter((name) => set.candidates(name, 'r1')?.length);
  expect(served).toEqual(['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512']);
});

test('only the algorithms of the configuration are served', () => {
  const { alg: _, ...jwk } = rsa.jwk;
  const set = parseKeySet(JSON.stringify({ keys: [jwk] }), ['PS256'], 20);
  expect(set.candidates('PS256', 'r1')).toHaveLength(1);
  expect(set.candidates('RS256', 'r1')).toEqual([]);
});

test.each([
  ['for encryption', { ...signer.jwk, use: 'enc' }],
  ['for another operation', { ...signer.jwk, use: undefined, key_ops: ['sign'] }],
  ['a shared secret', { kty: 'oct', k: 'c2VjcmV0', alg: 'HS256', kid: 'k1' }],
  ['of another curve', { ...signer.jwk, crv: 'secp256k1' }],
  ['of a kind nobody knows', { kty: 'AKP', kid: 'k1' }],
  ['no object', 'key' as unknown as object],
])('leaves out a key that is %s, without a word', (_, jwk) => {
  expect(setOf(jwk)).toMatchObject({ size: 0, refused: [] });
});

test.each([
  ['with its private part', { ...signer.jwk, d: 'AQ' }, 'private part'],
  ['whose point is not on the curve', { ...signer.jwk, y: signer.jwk.x }, 'not a valid key'],
  ['of which a part is missing', { ...signer.jwk, y: undefined }, 'not a valid key'],
  ['of RSA with 512 bits', newRsaSigner('r1', 512).jwk, 'RSA of 512 bits'],
  ['of RSA with 1,024 bits', newRsaSigner('r1', 1_024).jwk, 'RSA of 1024 bits'],
  [
    'of RSA with 32,768 bits',
    { ...rsa.jwk, n: Buffer.alloc(4_096, 255).toString('base64url') },
    '32768 bits',
  ],
  ['of RSA with exponent 1', { ...rsa.jwk, e: 'AQ' }, 'exponent'],
  ['of RSA with exponent 3', { ...rsa.jwk, e: 'Aw' }, 'exponent'],
])('refuses a key %s and says why', (_, jwk, why) => {
  const set = setOf(jwk, newSigner('good').jwk);
  expect(set.size).toBe(1);
  expect(set.refused).toEqual([expect.stringContaining(why)]);
});

test.each(['', '[]', '{}', '{"keys":{}}', '{"keys":[],"keys":[]}', '<html>', '{"keys":[]'])(
  '%j is no key set',
  (text) => {
    expect(() => parseKeySet(text, ALGORITHM_NAMES, 20)).toThrow('not a JSON Web Key Set');
  },
);

test('more keys than allowed are no key set', () => {
  expect(() => setOf(...Array.from({ length: 21 }, () => signer.jwk))).toThrow('21 keys are more than 20');
});

test('keys that share an id are all candidates, up to a number worth trying', () => {
  const twins = [newSigner('twin'), newSigner('twin'), newRsaSigner('twin')];
  expect(setOf(...twins.map(({ jwk }) => jwk)).candidates('ES256', 'twin')).toHaveLength(2);
  const five = Array.from({ length: 5 }, (_, i) => newSigner(`k${i}`).jwk);
  expect(setOf(...five).candidates('ES256', undefined)).toBeUndefined();
  expect(setOf(...five).candidates('ES256', 'k3')).toHaveLength(1);
});
