import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MALFORMED, readSubject, type SubjectRules } from './subject.ts';

const ISSUER = 'https://id.example.com';
const rules: SubjectRules = { issuer: ISSUER, user: ['iss_sub', 'opaque'] };
const ada = { format: 'iss_sub', iss: ISSUER, sub: 'ada' };
const acme = { format: 'opaque', id: 'acme' };

it.each([
  [ada, { by: 'subject', value: 'ada' }],
  [
    { format: 'opaque', id: 'ada' },
    { by: 'subject', value: 'ada' },
  ],
  [
    { format: 'jwt_id', iss: ISSUER, jti: 't' },
    { by: 'tokenId', value: 't' },
  ],
  [
    { format: 'complex', user: ada },
    { by: 'subject', value: 'ada' },
  ],
  [
    { format: 'complex', user: ada, tenant: acme },
    { by: 'subject', value: 'ada', within: 'acme' },
  ],
  [
    { format: 'complex', user: ada, device: acme },
    { by: 'subject', value: 'ada' },
  ],
  [
    { format: 'complex', tenant: acme },
    { by: 'tenant', value: 'acme' },
  ],
  [
    { format: 'complex', user: ada, session: { format: 'jwt_id', iss: ISSUER, jti: 't' } },
    { by: 'tokenId', value: 't' },
  ],
])('%j names %j', (identifier, target) => {
  expect(readSubject(identifier, rules)).toEqual(target);
});

it.each([
  { ...ada, iss: 'https://other.example.com' },
  { format: 'jwt_id', iss: 'https://other.example.com', jti: 't' },
  { format: 'email', email: 'ada@example.com' },
  { format: 'did', url: 'did:example:1' },
  { format: 'complex', device: acme },
  { format: 'complex', tenant: acme, org_unit: acme },
  { format: 'complex', tenant: { format: 'did', url: 'did:example:1' } },
  { format: 'complex', user: { format: 'email', email: 'a@b' }, tenant: acme },
])('%j names nobody here', (identifier) => {
  expect(readSubject(identifier, rules)).toEqual({ unknown: expect.any(String) });
});

it.each([
  undefined,
  null,
  'ada',
  [],
  {},
  { format: 7 },
  { format: 'iss_sub', iss: ISSUER },
  { ...ada, sub: '' },
  { ...ada, sub: 'a\u0000' },
  { format: 'jwt_id', iss: ISSUER, jti: 7 },
  { format: 'complex' },
  { format: 'complex', user: 'ada' },
  { format: 'complex', user: { sub: 'ada' } },
  { format: 'complex', user: ada, tenant: { format: 'opaque' } },
])('%j is malformed', (identifier) => {
  expect(readSubject(identifier, rules)).toBe(MALFORMED);
});

it('never throws, and names only what is said', () => {
  const member = fc.oneof(fc.constant(ada), fc.constant(acme), fc.jsonValue());
  const complex = fc.dictionary(fc.constantFrom('user', 'tenant', 'session', 'group'), member);
  const any = fc.oneof(
    fc.jsonValue(),
    complex.map((members) => ({ ...members, format: 'complex' })),
  );
  fc.assert(
    fc.property(any, (identifier) => {
      const found = readSubject(identifier, rules);
      if (typeof found === 'object' && 'by' in found) {
        expect(JSON.stringify(identifier)).toContain(JSON.stringify(found.value));
      }
    }),
  );
});
