import { expect, test } from 'vitest';
import { bearing, certificateOf, handshakeOf } from '../../test/support/handshake.ts';
import { answerOf, identityContext, identityOf, principalOf } from '../../test/support/identity.ts';
import {
  claimsOf,
  jwtOptionsOf,
  keySetText,
  newEdSigner,
  newRsaSigner,
  newSigner,
  tokenOf,
} from '../../test/support/tokens.ts';
import { jwt } from './jwt.ts';

const signer = newSigner();
const context = identityContext({ 'keys.json': keySetText(signer) });

function staff(changes: object = {}, files: Record<string, string> = {}) {
  const own = identityContext({ 'keys.json': keySetText(signer), ...files });
  return { identity: identityOf(jwt, jwtOptionsOf(changes), own), context: own };
}

test('makes a principal of what the claims say', async () => {
  const { identity } = staff({
    claims: { subject: 'sub', tenant: 'org', roles: 'realm.roles', tier: 'plan' },
  });
  const claims = claimsOf({ org: 'acme', realm: { roles: ['admin', 'dev'] }, plan: 'gold' });
  const principal = await principalOf(identity, bearing(tokenOf(signer, claims)));
  const { iat, exp } = claims as { iat: number; exp: number };
  expect(principal).toEqual({
    identity: 'staff',
    subject: 'ada',
    tenant: 'acme',
    roles: ['admin', 'dev'],
    tier: 'gold',
    claims,
    issuedAt: iat * 1_000,
    expiresAt: exp * 1_000 + 5_000,
    tokenId: 't-1',
  });
});

test('the principal cannot be changed, however deep', async () => {
  const { identity } = staff();
  const token = tokenOf(signer, claimsOf({ nested: { list: [{ a: 1 }] } }));
  const principal = await principalOf(identity, bearing(token));
  const nested = principal.claims.nested as { list: { a: number }[] };
  expect(() => nested.list.push({ a: 2 })).toThrow(TypeError);
  expect(() => {
    nested.list[0]!.a = 2;
  }).toThrow(TypeError);
  expect(Object.isFrozen(principal)).toBe(true);
});

test.each([newSigner(), newRsaSigner(), newEdSigner()])('verifies $algorithm', async (other) => {
  const { identity } = staff({}, { 'keys.json': keySetText(other) });
  expect(await answerOf(identity, bearing(tokenOf(other)))).toBe('accepted');
  expect(await answerOf(identity, bearing(tokenOf({ ...other, privateKey: newLike(other.algorithm) })))).toBe(
    'credential_invalid',
  );
});

function newLike(algorithm: string) {
  const make = { ES256: newSigner, RS256: newRsaSigner, EdDSA: newEdSigner }[algorithm]!;
  return make().privateKey;
}

test('no token is not its business, and neither is a well-formed token of another issuer', async () => {
  const { identity } = staff();
  expect(await answerOf(identity, handshakeOf())).toBe('not mine');
  expect(await answerOf(identity, handshakeOf({ headers: { authorization: 'Basic YTpi' } }))).toBe(
    'not mine',
  );
  expect(await answerOf(identity, bearing(tokenOf(signer, claimsOf({ iss: 'https://other.example' }))))).toBe(
    'not mine',
  );
});

test('a claim that is called pass is a claim', async () => {
  const { identity } = staff();
  expect(await answerOf(identity, bearing(tokenOf(signer, claimsOf({ pass: false }))))).toBe('accepted');
});

test('a token that was seen before costs no signature, and is forgotten when it runs out', async () => {
  const { identity, context } = staff();
  const handshake = bearing(tokenOf(signer));
  const first = identity.identify(handshake);
  expect(first).toBeInstanceOf(Promise);
  const principal = await first;
  expect(identity.identify(handshake)).toBe(principal);
  context.clock.pass(900_000 + 5_000);
  expect(await answerOf(identity, handshake)).toBe('credential_expired');
});

test('a token without an id is known by the hash of what was signed', async () => {
  const { identity } = staff();
  const token = tokenOf(signer, claimsOf({ jti: undefined }));
  const { tokenId } = await principalOf(identity, bearing(token));
  expect(tokenId).toMatch(/^sha256:[A-Za-z0-9_-]{43}$/);
});

test('accepts another type only where the configuration says so', async () => {
  const typed = (typ: string | undefined) => bearing(tokenOf(signer, claimsOf(), { typ }));
  const { identity: strict } = staff();
  expect(await answerOf(strict, typed('JWT'))).toBe('credential_invalid');
  expect(await answerOf(strict, typed('application/AT+JWT'))).toBe('accepted');
  const { identity: older } = staff({ type: ['at+jwt', 'JWT'] });
  expect(await answerOf(older, typed('JWT'))).toBe('accepted');
  expect(await answerOf(older, typed(undefined))).toBe('credential_invalid');
  const { identity: any } = staff({ type: 'dangerously-any' });
  expect(await answerOf(any, typed(undefined))).toBe('accepted');
});

test('the secret of the configuration verifies, and only HMAC', async () => {
  const secret = 'a secret of thirty-two bytes, yes';
  const { identity } = staff({ jwks: undefined, secret, algorithms: ['HS256'] });
  const { SignJWT } = await import('jose');
  const sign = (key: string) =>
    new SignJWT(claimsOf() as Record<string, unknown>)
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'any' })
      .sign(Buffer.from(key));
  expect(await answerOf(identity, bearing(await sign(secret)))).toBe('accepted');
  expect(await answerOf(identity, bearing(await sign(`${secret}!`)))).toBe('credential_invalid');
  expect(await answerOf(identity, bearing(tokenOf(signer)))).toBe('credential_invalid');
});

test('the path and the certificate must name the subject where the configuration says so', async () => {
  const { identity } = staff({ matchPath: true, certificateSubject: 'subject.CN' });
  const token = tokenOf(signer);
  const ada = certificateOf({ subject: { CN: ['ada'] } });
  expect(await answerOf(identity, bearing(token, { path: '/ocpp/ada', certificate: ada }))).toBe('accepted');
  expect(await answerOf(identity, bearing(token, { path: '/ocpp/%61da' }))).toBe('accepted');
  expect(await answerOf(identity, bearing(token, { path: '/ocpp/Ada' }))).toBe('identity_mismatch');
  expect(await answerOf(identity, bearing(token, { path: '/ocpp/ada', certificate: certificateOf() }))).toBe(
    'identity_mismatch',
  );
});

test.each([
  ['no algorithm', { algorithms: [] }],
  ['none', { algorithms: ['none'] }],
  ['a shared secret with public keys', { algorithms: ['ES256', 'HS256'] }],
  ['a public-key algorithm with a secret', { jwks: undefined, secret: 'x'.repeat(32) }],
  ['a short secret', { jwks: undefined, secret: 'x'.repeat(31), algorithms: ['HS256'] }],
  ['a secret too short for its hash', { jwks: undefined, secret: 'x'.repeat(63), algorithms: ['HS512'] }],
  ['two sources of keys', { secret: 'x'.repeat(32), algorithms: ['HS256'] }],
  ['keys over http', { jwks: 'http://id.example.com/jwks' }],
  ['a URL with a password', { jwks: 'https://a:b@id.example.com/jwks' }],
  ['discovery from what is no URL', { jwks: undefined, issuer: 'example' }],
  ['a leeway of more than a minute', { leeway: '61s' }],
  ['no audience', { audience: [] }],
  ['an unknown place for tokens', { tokenFrom: ['query:token'] }],
  ['an option that is none', { audiance: 'chat' }],
] as [string, object][])('the configuration may not have %s', (_, changes) => {
  expect(jwt.options.safeParse(jwtOptionsOf(changes)).success).toBe(false);
});

test('a plan is not built with a file that holds no key, or one that cannot be trusted', () => {
  const build = (text: string) => staff({}, { 'keys.json': text });
  expect(() => build('{}')).toThrow('not a JSON Web Key Set');
  expect(() => build('{"keys":[]}')).toThrow('no key in it');
  expect(() => build(keySetText({ ...signer, jwk: { ...signer.jwk, d: 'AQ' } }))).toThrow('private part');
  expect(() => build(keySetText(newRsaSigner('weak', 1_024)))).toThrow('RSA of 1024 bits');
  expect(context.said).toEqual([]);
});
