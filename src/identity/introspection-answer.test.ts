import { expect, test } from 'vitest';
import { answerFor } from '../../test/support/introspection.ts';
import { expectedOf, judgeAnswer } from './introspection-answer.ts';
import { introspectionOptions } from './introspection-options.ts';
import type { JsonObject } from './strict-json.ts';

const NOW = Date.UTC(2026, 0, 1);
const SECONDS = NOW / 1_000;
const options = { endpoint: 'https://id.example.com/', clientId: 'a', clientSecret: 'b' };

/** `accepted` or the code of the refusal. */
function judged(answer: object, changes: object = {}): string {
  const expected = expectedOf(introspectionOptions.parse({ ...options, ...changes }));
  const found = judgeAnswer(answer as JsonObject, expected, NOW);
  return 'pass' in found ? found.code : 'accepted';
}

const good = (changes: Record<string, unknown> = {}) => answerFor(changes, NOW);

test.each([
  ['false', false],
  ['missing', undefined],
  ['a text', 'true'],
  ['a number', 1],
  ['null', null],
  ['a list', [true]],
])('active that is %s is a no', (_, active) => {
  expect(judged(good())).toBe('accepted');
  expect(judged(good({ active }))).toBe('credential_invalid');
});

test.each([
  ['issuer', { issuer: 'https://id.example.com' }, 'iss', 'https://id.example.com'],
  ['audience', { audience: 'chat' }, 'aud', 'chat'],
  ['one of several audiences', { audience: ['mail', 'chat'] }, 'aud', ['billing', 'chat']],
  ['client', { clients: ['app', 'web'] }, 'client_id', 'web'],
])('where the configuration names the %s, the answer must have it', (_, changes, member, value) => {
  expect(judged(good({ [member]: value }), changes)).toBe('accepted');
  for (const other of [undefined, null, '', 'other', ['other'], [7], { 0: value }])
    expect(judged(good({ [member]: other }), changes)).toBe('credential_invalid');
  expect(judged(good({ [member]: 'other' }))).toBe('accepted');
});

test.each(['DPoP', 'refresh_token', 'N_A', undefined, 7, ['Bearer']])(
  'a token_type of %j is refused',
  (type) => {
    expect(judged(good({ token_type: type }))).toBe('credential_invalid');
    expect(judged(good({ token_type: type }), { type: 'dangerously-any' })).toBe('accepted');
  },
);

test('a token_type is compared in any case, with all that the configuration names', () => {
  expect(judged(good({ token_type: 'bearer' }))).toBe('accepted');
  expect(judged(good({ token_type: 'access_token' }), { type: ['Bearer', 'access_token'] })).toBe('accepted');
});

test.each([{ token_use: 'refresh_token' }, { typ: 'Refresh' }, { at_hash: 'x' }, { token_use: 'id' }])(
  'what calls itself another kind of token (%j) is refused, whatever its token_type',
  (claims) => {
    expect(judged(good(claims), { type: 'dangerously-any' })).toBe('credential_invalid');
  },
);

test.each([
  ['the future', SECONDS + 1, 'accepted'],
  ['this very moment', SECONDS, 'credential_expired'],
  ['the past', SECONDS - 1, 'credential_expired'],
  ['nought', 0, 'credential_expired'],
  ['a text', String(SECONDS + 1), 'credential_invalid'],
  ['null', null, 'credential_invalid'],
  ['endless', Number.POSITIVE_INFINITY, 'credential_invalid'],
  ['missing', undefined, 'credential_invalid'],
])('exp that is %s', (_, exp, code) => {
  expect(judged(good({ exp }))).toBe(code);
});

test('a token without exp lasts as long as the configuration says, and exp wins where there is one', () => {
  const expected = expectedOf(introspectionOptions.parse({ ...options, maxAge: '1h' }));
  const times = (changes: object) => judgeAnswer(good({ ...changes }) as JsonObject, expected, NOW);
  expect(times({ exp: undefined })).toEqual({ expiresAt: NOW + 3_600_000, issuedAt: NOW });
  expect(times({ exp: SECONDS + 7_200, iat: undefined })).toEqual({
    expiresAt: NOW + 7_200_000,
    issuedAt: undefined,
  });
});

test.each(['iat', 'nbf'])('%s is a date or not there', (member) => {
  expect(judged(good({ [member]: undefined }))).toBe('accepted');
  expect(judged(good({ [member]: 'yesterday' }))).toBe('credential_invalid');
});
