import { describe, expect, it } from 'vitest';
import { buildGuard, codeOf, fakeCandidate } from '../../test/support/guard.ts';
import { address } from './address.ts';

const judge = (addresses: unknown, from: string) =>
  codeOf(buildGuard(address, { addresses })?.onUpgrade?.(fakeCandidate({ address: from })));

describe('address', () => {
  it('lets in what is allowed', () => {
    expect(judge({ allow: ['10.0.0.0/8', '2001:db8::/32'] }, '10.1.2.3')).toBe('pass');
    expect(judge({ allow: ['10.0.0.0/8', '2001:db8::/32'] }, '2001:db8::7')).toBe('pass');
  });

  it('keeps out what is not', () => {
    expect(judge({ allow: ['10.0.0.0/8'] }, '192.0.2.1')).toBe('address_denied');
    expect(judge({ allow: ['10.0.0.0/8'] }, 'not an address')).toBe('address_denied');
  });

  it('lets a denied network win over an allowed one', () => {
    const lists = { allow: ['10.0.0.0/8'], deny: ['10.9.0.0/16'] };
    expect(judge(lists, '10.8.0.1')).toBe('pass');
    expect(judge(lists, '10.9.0.1')).toBe('address_denied');
  });

  it('lets in the rest where only some are denied', () => {
    expect(judge({ deny: ['192.0.2.0/24'] }, '198.51.100.1')).toBe('pass');
    expect(judge({ deny: ['192.0.2.0/24'] }, '::ffff:192.0.2.9')).toBe('address_denied');
  });

  it('is not there where nothing is configured', () => {
    expect(buildGuard(address, {})).toBeUndefined();
    expect(buildGuard(address, { addresses: {} })).toBeUndefined();
  });

  it.each([{ allow: [] }, { allow: ['10.0.0.1/8'] }, { deny: ['*'] }])('does not load %j', (addresses) => {
    expect(() => buildGuard(address, { addresses })).toThrow();
  });
});
