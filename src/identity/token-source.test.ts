import { expect, test } from 'vitest';
import { handshakeOf } from '../../test/support/handshake.ts';
import { isBearerProtocol, tokenFinder, tokenSource, withoutParameters } from './token-source.ts';

const all = tokenFinder(['header', 'subprotocol', 'cookie:session', 'dangerously-query:token']);
const malformed = expect.objectContaining({ code: 'credential_malformed' });

test.each([
  ['header', { headers: { authorization: 'Bearer abc' } }],
  ['header, in any case and with more blanks', { headers: { authorization: 'bEARER   abc' } }],
  ['subprotocol', { protocols: ['chat.v1', 'bearer.abc'] }],
  ['cookie', { headers: { cookie: 'a=b; session=abc; c=d' } }],
  ['cookie in quotes', { headers: { cookie: 'session="abc"' } }],
  ['query', { query: 'a=b&token=abc' }],
  ['two places, the same one', { headers: { authorization: 'Bearer abc' }, protocols: ['bearer.abc'] }],
])('finds a token in the %s', (_, parts) => {
  expect(all.find(handshakeOf(parts))).toBe('abc');
});

test.each([
  ['nowhere', {}],
  ['another scheme', { headers: { authorization: 'Basic abc' } }],
  ['a scheme that starts like it', { headers: { authorization: 'Bearers abc' } }],
  ['a cookie whose name ends like it', { headers: { cookie: 'xsession=abc; Session=abc' } }],
  ['a cookie in a value', { headers: { cookie: 'a="x; y=session=abc' } }],
  ['a protocol that is called bearer', { protocols: ['bearer', 'Bearer.abc'] }],
  ['another parameter', { query: 'xtoken=abc&Token=abc' }],
])('finds none in %s', (_, parts) => {
  expect(all.find(handshakeOf(parts))).toBeUndefined();
});

test.each([
  ['a scheme without a token', { headers: { authorization: 'Bearer' } }],
  ['two tokens in one field', { headers: { authorization: 'Bearer abc, Bearer def' } }],
  ['a token with a blank', { headers: { authorization: 'Bearer abc def' } }],
  ['two bearer subprotocols', { protocols: ['bearer.abc', 'bearer.def'] }],
  ['the cookie twice', { headers: { cookie: 'session=abc; session=abc' } }],
  ['the parameter twice', { query: 'token=abc&token=abc' }],
  ['different tokens in two places', { headers: { authorization: 'Bearer abc', cookie: 'session=def' } }],
])('refuses %s', (_, parts) => {
  expect(all.find(handshakeOf(parts))).toEqual(malformed);
});

test('looks only where it was told to', () => {
  const header = tokenFinder(['header']);
  expect(header.find(handshakeOf({ protocols: ['bearer.abc'], query: 'token=abc' }))).toBeUndefined();
  expect(header).toMatchObject({ readsCookie: false, readsQuery: [] });
  expect(all).toMatchObject({ readsCookie: true, readsQuery: ['token'] });
});

test.each(['query:token', 'cookie', 'cookie:', 'cookie:a b', 'cookie:a=b', 'Header', 'body', ''])(
  '%j is no place for a token',
  (source) => {
    expect(tokenSource.safeParse(source).success).toBe(false);
  },
);

test('takes the token out of a query and leaves the rest as it was', () => {
  expect(withoutParameters('a=%41&token=abc&b', ['token'])).toBe('a=%41&b');
  expect(withoutParameters('%74oken=abc', ['token'])).toBe('');
  expect(withoutParameters('a=b', [])).toBe('a=b');
});

test('a credential among the subprotocols is told by its prefix', () => {
  expect(['bearer.abc', 'bearer', 'chat.v1'].map(isBearerProtocol)).toEqual([true, false, false]);
});
