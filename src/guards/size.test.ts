import { describe, expect, it } from 'vitest';
import { buildGuard } from '../../test/support/guard.ts';
import { size as sizeUnit } from '../pipeline/units.ts';
import { frameLimits, size } from './size.ts';

describe('size', () => {
  it('holds a route that says nothing to the defaults', () => {
    const held = { maxBytes: 65_536, maxFragments: 128, incompleteTimeout: 10_000, maxControlRate: 30 };
    expect(frameLimits({})).toEqual(held);
    expect(frameLimits({ messages: {} })).toEqual(held);
  });

  it('hands the scanner what the route says', () => {
    const messages = {
      maxBytes: sizeUnit.parse('32KiB'),
      maxFragments: 4,
      incompleteTimeout: 2_000,
      controlFrames: { count: 60, period: 60_000 },
    };
    expect(frameLimits({ messages })).toEqual({
      maxBytes: 32_768,
      maxFragments: 4,
      incompleteTimeout: 2_000,
      maxControlRate: 1,
    });
  });

  it('leaves the judging to the scanner', () => {
    expect(buildGuard(size, { messages: { maxBytes: '1MiB' } })).toBeUndefined();
  });

  it.each([
    { maxBytes: '0B' },
    { maxBytes: 100 },
    { maxFragments: 0 },
    { incompleteTimeout: '0ms' },
    { controlFrames: '0/s' },
  ])('does not load %j', (messages) => {
    expect(() => buildGuard(size, { messages })).toThrow();
  });
});
