import { expect, test } from 'vitest';
import { claimMapper, claimMapping, claimPath, parsePath, valueAt } from './claims.ts';

const map = (mapping: object, claims: Record<string, unknown>) =>
  claimMapper(claimMapping.parse(mapping))({ sub: 'ada', ...claims });

test('dots lead into objects, a pointer into names that have dots', () => {
  const claims = { realm_access: { roles: ['a'] }, 'https://x.example/org': 'acme', 'a/b~c': 1 };
  expect(valueAt(claims, parsePath('realm_access.roles'))).toEqual(['a']);
  expect(valueAt(claims, parsePath('/https:~1~1x.example~1org'))).toBe('acme');
  expect(valueAt(claims, parsePath('/a~1b~0c'))).toBe(1);
  expect(valueAt(claims, parsePath('/realm_access/roles'))).toEqual(['a']);
});

test.each([
  'constructor',
  'constructor.name',
  '__proto__',
  'realm.length',
  'list.0',
  'missing.deep',
  'toString',
])('%s is no claim', (path) => {
  expect(valueAt({ realm: 'abc', list: ['a'] }, parsePath(path))).toBeUndefined();
});

test.each(['', '.', 'a.', '.a', 'a..b', 'a/b'])('%j is no path', (path) => {
  expect(claimPath.safeParse(path).success).toBe(false);
});

test.each([
  ['a list', { roles: ['a', 'b'] }, 'roles', ['a', 'b']],
  ['one text, blanks and all', { roles: 'Domain Admins' }, 'roles', ['Domain Admins']],
  ['a scope', { scope: 'read write' }, 'scope', ['read', 'write']],
  ['nothing', {}, 'roles', []],
  ['null', { roles: null }, 'roles', []],
  ['an empty scope', { scope: '' }, 'scope', []],
])('roles from %s', (_, claims, roles, expected) => {
  expect(map({ roles }, claims)).toMatchObject({ roles: expected });
});

test.each([
  ['a missing subject', { sub: undefined }, {}],
  ['an empty subject', { sub: '' }, {}],
  ['a number as subject', { sub: 7 }, {}],
  ['a line break in the subject', { sub: 'a\nb' }, {}],
  ['a NUL in the tenant', { org: 'a\0' }, { tenant: 'org' }],
  ['a C1 control in the tier', { plan: 'a\u0085' }, { tier: 'plan' }],
  ['an object as tenant', { org: { id: 1 } }, { tenant: 'org' }],
  ['an empty tenant', { org: '' }, { tenant: 'org' }],
  ['a number with a fraction as tenant', { org: 1.5 }, { tenant: 'org' }],
  ['a text that is too long', { sub: 'a'.repeat(1_025) }, {}],
  ['half a surrogate pair', { sub: 'a\udc00' }, {}],
  ['an object as roles', { roles: { admin: true } }, { roles: 'roles' }],
  ['a list with a number in it', { roles: ['a', 1] }, { roles: 'roles' }],
  ['a role with a control character', { roles: ['a\r'] }, { roles: 'roles' }],
  ['more than 256 roles', { roles: Array(257).fill('r') }, { roles: 'roles' }],
])('refuses %s', (_, claims, mapping) => {
  expect(map(mapping, claims)).toMatchObject({ pass: false, code: 'credential_invalid' });
});

test('an absent tenant is absent, a numbered one is its digits', () => {
  expect(map({ tenant: 'org' }, {})).not.toHaveProperty('tenant');
  expect(map({ tenant: 'org' }, { org: 42 })).toMatchObject({ tenant: '42' });
});
