// JW-07: ECDSA signatures that a careless verifier takes: zeros, values beyond the group, DER.
import { sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { jwtOptionsOf, keySetText, newSigner, signatureOf, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
const ZERO = Buffer.alloc(32);
const ONE = Buffer.alloc(32, 0).fill(1, 31);
const MAX = Buffer.alloc(32, 255);

const token = tokenOf(signer);
const input = token.slice(0, token.lastIndexOf('.'));
const good = signatureOf(signer, input);
const r = good.subarray(0, 32);
const s = good.subarray(32);

test.each([
  ['r = s = 0 (CVE-2022-21449)', Buffer.concat([ZERO, ZERO])],
  ['r = 0', Buffer.concat([ZERO, s])],
  ['s = 0', Buffer.concat([r, ZERO])],
  ['r = s = 1', Buffer.concat([ONE, ONE])],
  ['r = n', Buffer.concat([ORDER, s])],
  ['s = n', Buffer.concat([r, ORDER])],
  ['r = s = n', Buffer.concat([ORDER, ORDER])],
  ['r = s = 2^256 - 1', Buffer.concat([MAX, MAX])],
  ['DER', sign('sha256', Buffer.from(input), signer.privateKey)],
  ['s before r', Buffer.concat([s, r])],
  ['one byte more', Buffer.concat([good, Buffer.from([0])])],
  ['one byte less', good.subarray(0, 63)],
  ['twice as long', Buffer.concat([ZERO, r, ZERO, s])],
])('%s', async (_, signature) => {
  const identity = identityOf(jwt, jwtOptionsOf(), identityContext({ 'keys.json': keySetText(signer) }));
  expect(await answerOf(identity, bearing(`${input}.${signature.toString('base64url')}`))).toBe(
    'credential_invalid',
  );
  expect(await answerOf(identity, bearing(`${input}.${good.toString('base64url')}`))).toBe('accepted');
});
