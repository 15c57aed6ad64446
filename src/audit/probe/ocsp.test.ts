import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RESPONSES } from '../../../test/audit/ocsp-responses.ts';
import { ocspStatus } from './ocsp.ts';

describe('an OCSP response', () => {
  it.each(Object.entries(RESPONSES))('says %s', (status, response) => {
    expect(ocspStatus(Buffer.from(response, 'base64'))).toBe(status);
  });

  it('without an answer in it is unreadable', () => {
    expect(ocspStatus(Buffer.from('30030a0106', 'hex'))).toBe('unreadable'); // unauthorized
    expect(ocspStatus(Buffer.alloc(0))).toBe('unreadable');
  });

  it('may be anything, and nothing is thrown', () => {
    const whole = Buffer.from(RESPONSES.good, 'base64');
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), fc.nat(whole.length), (changes, length) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of changes) bytes[at] = byte;
        expect(['good', 'revoked', 'unknown', 'unreadable']).toContain(ocspStatus(bytes.subarray(0, length)));
      }),
    );
  });
});
