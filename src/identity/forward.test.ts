import { expect, test } from 'vitest';
import type { Principal } from '../pipeline/principal.ts';
import { forwardHeaders } from './forward.ts';

const ada: Principal = {
  identity: 'staff',
  subject: 'ada',
  tenant: 'acme',
  roles: ['admin', 'dev'],
  claims: {},
};

test('writes what the route forwards, lists joined, what is absent left out', () => {
  const forward = { subject: 'X-Subject', roles: 'X-Roles', tier: 'X-Tier' };
  expect(forwardHeaders(forward, ada)).toEqual([
    ['X-Subject', 'ada'],
    ['X-Roles', 'admin, dev'],
  ]);
  expect(forwardHeaders({ roles: 'X-Roles' }, { ...ada, roles: [] })).toEqual([]);
});

test('text beyond ASCII is written as its UTF-8 bytes', () => {
  const headers = forwardHeaders({ subject: 'X-Subject' }, { ...ada, subject: 'Zoë' });
  expect(headers).toEqual([['X-Subject', Buffer.from('Zoë').toString('latin1')]]);
});

test.each([
  ['a line break', { subject: 'a\r\nX-Admin: 1' }],
  ['a NUL', { subject: 'a\0b' }],
  ['a line separator', { tenant: 'a\u2028b' }],
  ['half a surrogate pair', { tenant: 'a\ud800' }],
  ['a blank at its end, which the upstream would cut', { subject: 'ada ' }],
  ['a comma in an item of a list', { roles: ['dev, admin'] }],
  ['more than 4 KiB', { roles: Array.from({ length: 50 }, () => 'r'.repeat(100)) }],
])('refuses %s', (_, changes: Partial<Principal>) => {
  const forward = { subject: 'X-Subject', tenant: 'X-Tenant', roles: 'X-Roles' };
  expect(forwardHeaders(forward, { ...ada, ...changes })).toMatchObject({ code: 'credential_invalid' });
});
