import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REFUSAL_CODES } from '../errors.ts';
import { MAX_REASON } from './close.ts';
import { closeReason, readCloseReason } from './close-advice.ts';

describe('a close reason', () => {
  it('is the name, and the wait behind it where there is one', () => {
    expect(closeReason('draining')).toBe('draining');
    expect(closeReason('draining', 2_500.4)).toBe('draining; after=2500');
    expect(closeReason('draining', 0)).toBe('draining; after=0');
  });

  it.each(REFUSAL_CODES)('%s fits into a Close with any wait, and is read again', (code) => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (wait) => {
        const reason = closeReason(code, wait);
        expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(MAX_REASON);
        const { name, after } = readCloseReason(reason)!;
        expect(name).toBe(code);
        expect(after).toBe(Math.min(99_999_999, Math.max(0, Math.round(wait))));
      }),
      { numRuns: 20 },
    );
    expect(readCloseReason(code)).toEqual({ name: code });
  });

  it.each([
    '',
    'Bye',
    'bye, all',
    'draining;',
    'draining; after=',
    'draining; after=-1',
    'draining; after=1e3',
    'draining; after=123456789',
    'draining; after=1; after=2',
    'draining; after=1 ',
    ' draining',
    'draining\n',
    'drain\u0456ng',
  ])('%j is of somebody else', (reason) => {
    expect(readCloseReason(reason)).toBeUndefined();
  });
});
