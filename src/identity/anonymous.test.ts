import { expect, test } from 'vitest';
import { bearing, certificateOf, handshakeOf } from '../../test/support/handshake.ts';
import { identityOf } from '../../test/support/identity.ts';
import { anonymous } from './anonymous.ts';

test('everyone is the same nobody, whatever they bring', () => {
  const identity = identityOf(anonymous, {});
  const nobody = identity.identify(handshakeOf());
  expect(nobody).toEqual({ identity: 'staff', subject: 'anonymous', roles: [], claims: {} });
  expect(identity.identify(bearing('abc', { certificate: certificateOf() }))).toBe(nobody);
  expect(Object.isFrozen(nobody) && Object.isFrozen((nobody as { claims: object }).claims)).toBe(true);
});

test('may be called something else, but nothing that breaks a header', () => {
  expect(identityOf(anonymous, { subject: 'visitor' }).identify(handshakeOf())).toMatchObject({
    subject: 'visitor',
  });
  for (const subject of ['', 'a\nb', 7]) {
    expect(anonymous.options.safeParse({ subject }).success).toBe(false);
  }
  expect(anonymous.options.safeParse({ roles: ['admin'] }).success).toBe(false);
});
