import { expect, it } from 'vitest';
import { readJwt, tampered, unsigned } from './jwt.ts';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const TOKEN = `${part({ alg: 'ES256', kid: 'k' })}.${part({ exp: 17, sub: 'ada' })}.c2lnbmVk`;

it('reads header and expiry', () => {
  expect(readJwt(TOKEN)).toMatchObject({ header: { alg: 'ES256', kid: 'k' }, exp: 17 });
  expect(readJwt(`${part({})}.${part({ exp: '17' })}.x`)).toMatchObject({ exp: undefined });
});

it.each(['', 'opaque', 'a.b.c', `${part({})}.x`])('%j is none', (token) => {
  expect(readJwt(token)).toBeUndefined();
});

it('forges what a verifier must refuse', () => {
  const jwt = readJwt(TOKEN)!;
  expect(readJwt(unsigned(jwt, 'none'))).toMatchObject({
    header: { alg: 'none', kid: 'k' },
    exp: 17,
    parts: [expect.anything(), jwt.parts[1], ''],
  });
  expect(tampered(jwt)).not.toBe(TOKEN);
  expect(tampered(jwt)).toHaveLength(TOKEN.length);
});
