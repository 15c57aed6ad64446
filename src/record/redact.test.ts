import { describe, expect, it } from 'vitest';
import { clean } from './escape.ts';
import { REDACTED, redact } from './redact.ts';

const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLWJ5dGVz';

describe('redact', () => {
  it.each([
    ['a JWT', `refused ${JWT} here`],
    ['an unsecured JWT', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.'],
    ['a JWE', 'eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVydGV4dA.dGFn'],
    ['half a JWT', JWT.slice(0, 30)],
    ['a JWT with percent-encoded dots', JWT.replaceAll('.', '%2E')],
    ['a bearer field', `Authorization: Bearer ${JWT}`],
    ['an opaque bearer token', 'got Bearer mF_9.B5f-4.1JqM'],
    ['a bearer token in a URL', 'Bearer%20mF_9.B5f-4.1JqM'],
    ['a bearer subprotocol', 'chat.v1, bearer.mF_9.B5f-4.1JqM'],
    ['a basic field', 'basic YWxpY2U6c2VjcmV0'],
    ['a query parameter', '/chat?room=1&access_token=c2lnbmF0dXJl&x=1'],
    ['a query parameter first', '/chat?token=c2lnbmF0dXJl'],
    ['an encoded parameter', '/login?next=%2Fchat&ticket%3Dc2lnbmF0dXJl'],
    ['a fragment', 'https://app.example.com/#id_token=c2lnbmF0dXJl'],
    ['a referer', 'Referer: https://a.example/?api_key=c2lnbmF0dXJl'],
    ['a cookie field', 'Cookie: theme=dark; sid=c2lnbmF0dXJl'],
    ['a cookie', 'theme=dark; session=c2lnbmF0dXJl'],
    ['user information', 'connect redis://default:c2lnbmF0dXJl@10.0.0.1:6379 refused'],
    ['a JSON field', '{"error":"bad","password":"c2lnbmF0dXJl"}'],
    ['an escaped JSON field', '{\\"client_secret\\":\\"c2lnbmF0dXJl\\"}'],
    ['a private key', '-----BEGIN EC PRIVATE KEY-----\nc2lnbmF0dXJl\n-----END EC PRIVATE KEY-----'],
    ['a cut private key', '-----BEGIN PRIVATE KEY-----\nc2lnbmF0dXJl'],
  ])('takes %s out', (_name, text) => {
    const clean = redact(text);
    expect(clean).toContain(REDACTED);
    for (const secret of ['c2lnbmF0dXJl', 'eyJ', 'mF_9', '1JqM', 'YWxpY2U6', 'Y2lwaGVy']) {
      expect(clean).not.toContain(secret);
    }
  });

  it.each([
    'no identity of this route found a credential of its kind',
    'token expired',
    'the bearer token is too large',
    'basic authentication failed for this name',
    'claims.rooms does not hold message.room',
    'key id not found; 3 keys known',
    'wss://ws.example.com/chat?room=1',
    'session 01J9ZQ closed',
    'mailto:alice@example.com',
  ])('leaves %j as it is', (text) => expect(redact(text)).toBe(text));

  it('leaves what stands around', () => {
    expect(redact('/chat?room=1&token=abc&x=1')).toBe(`/chat?room=1&token=${REDACTED}&x=1`);
    expect(redact('ws://u:p@host/x')).toBe(`ws://${REDACTED}@host/x`);
  });

  it('finds a credential that begins before the cut', () => {
    expect(clean(`${'x'.repeat(240)} Bearer abcdefghijklmnop`)).not.toContain('abcd');
    expect(clean(`Bearer ${'abcdefgh'.repeat(5_000)}`)).not.toContain('abcd');
  });

  it.each([
    'a'.repeat(100_000),
    '//'.repeat(50_000),
    'eyJ'.repeat(33_000),
    '"token'.repeat(16_000),
    'bearer '.repeat(14_000),
  ])('reads only the beginning of what is long', (text) => {
    // The bound is the cut before the patterns: were they run on all of it, this would take minutes, not a moment.
    expect(clean(text)).toContain('cut from');
  });
});
