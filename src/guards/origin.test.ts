import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildGuard, codeOf, fakeCandidate, fakeContext } from '../../test/support/guard.ts';
import type { OptionsError } from '../pipeline/context.ts';
import { canonicalOrigin, origin } from './origin.ts';

const cookies = fakeContext({ readsCookie: true });

function judge(
  written: unknown,
  sent: string | undefined,
  headers: Record<string, string> = {},
  context = fakeContext(),
) {
  const guard = buildGuard(origin, { origins: written }, context);
  const candidate = fakeCandidate({ origin: sent, headers: new Map(Object.entries(headers)) });
  return codeOf(guard?.onUpgrade?.(candidate));
}

describe('origin', () => {
  it.each(['https://app.example.com', 'https://app.example.com:443', 'HTTPS://App.Example.COM'])(
    'takes %s for the listed https://app.example.com',
    (sent) => {
      expect(judge(['https://app.example.com'], sent)).toBe('pass');
    },
  );

  it.each([
    ['https://app.example.com:443', 'https://app.example.com'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
    ['chrome-extension://abcdefghijklmnop', 'chrome-extension://abcdefghijklmnop'],
  ])('takes a listed %s for %s', (listed, sent) => {
    expect(judge([listed], sent)).toBe('pass');
  });

  it.each([
    'https://app.example.com:8443',
    'https://app.example.com.',
    'https://app.example.com/',
    'https://app.example.com:',
    'https://app.example.com:0443',
    'https://app.example.com ',
    'https://user@app.example.com',
    'https:app.example.com',
    'http://app.example.com',
    'https://example.com',
    'https://xapp.example.com',
  ])('does not take %j for it', (sent) => {
    expect(judge(['https://app.example.com'], sent)).toBe('origin_denied');
  });

  it('lets a wildcard stand for exactly one label', () => {
    const listed = ['https://*.example.com:8443'];
    expect(judge(listed, 'https://a.example.com:8443')).toBe('pass');
    expect(judge(listed, 'https://a.b.example.com:8443')).toBe('origin_denied');
    expect(judge(listed, 'https://example.com:8443')).toBe('origin_denied');
    expect(judge(listed, 'https://.example.com:8443')).toBe('origin_denied');
    expect(judge(listed, 'https://*.example.com:8443')).toBe('origin_denied');
    expect(judge(listed, 'https://a.example.com')).toBe('origin_denied');
    expect(judge(listed, 'https://aexample.com:8443')).toBe('origin_denied');
  });

  it('lets null and absent pass only where they are listed', () => {
    expect(judge(['https://a.example'], 'null')).toBe('origin_denied');
    expect(judge(['https://a.example'], undefined)).toBe('origin_denied');
    expect(judge(['https://a.example', 'null'], 'null')).toBe('pass');
    expect(judge(['https://a.example', 'null'], undefined)).toBe('origin_denied');
    expect(judge(['https://a.example', 'absent'], undefined)).toBe('pass');
    expect(judge(['https://a.example', 'absent'], 'null')).toBe('origin_denied');
    expect(judge(['https://a.example', 'absent'], 'absent')).toBe('origin_denied');
  });

  it('is not there where the route says that none is required', () => {
    expect(buildGuard(origin, { origins: 'none-required' })).toBeUndefined();
  });

  it('looks at Sec-Fetch-Site where an identity reads cookies', () => {
    const cross = { 'sec-fetch-site': 'cross-site' };
    expect(judge(['https://a.example'], 'https://a.example', cross, cookies)).toBe('origin_denied');
    expect(judge(['https://a.example'], 'https://a.example', cross)).toBe('pass');
    expect(
      judge(['https://a.example'], 'https://a.example', { 'sec-fetch-site': 'same-site' }, cookies),
    ).toBe('pass');
    const written = { origins: ['https://a.example'], dangerouslyAllowCrossSiteCookies: true };
    const guard = buildGuard(origin, written, cookies);
    const candidate = fakeCandidate({ origin: 'https://a.example', headers: new Map(Object.entries(cross)) });
    expect(codeOf(guard?.onUpgrade?.(candidate))).toBe('pass');
  });

  it.each([
    [undefined, fakeContext()],
    [[], fakeContext()],
    ['*', fakeContext()],
    [['*'], fakeContext()],
    [['https://*.com'], fakeContext()],
    [['https://a.example/path'], fakeContext()],
    [['a.example'], fakeContext()],
    [['https://*'], fakeContext()],
    [['https://a.*.example'], fakeContext()],
    ['none-required', cookies],
    [['https://a.example', 'null'], cookies],
    [['https://a.example', 'absent'], cookies],
  ])('does not load %j', (origins, context) => {
    expect(() => buildGuard(origin, { origins }, context)).toThrow();
  });

  it('says which entry is wrong', () => {
    try {
      buildGuard(origin, { origins: ['https://a.example', 'nope'] });
      expect.unreachable();
    } catch (error) {
      expect((error as OptionsError).problems[0]?.path).toEqual(['origins', 1]);
    }
  });
});

describe('canonicalOrigin', () => {
  it('never throws, and finds a canonical origin canonical', () => {
    const piece = fc.constantFrom(
      'https',
      'http',
      '://',
      'a',
      '.',
      ':',
      '443',
      '[',
      '::1',
      ']',
      '@',
      '/',
      '%',
      '\0',
      'é',
      '*',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          const canonical = canonicalOrigin(text);
          if (canonical !== undefined) expect(canonicalOrigin(canonical)).toBe(canonical);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('looks at no more than 512 characters', () => {
    const host = (length: number) => 'a.'.repeat(300).slice(0, length - 'https://b'.length);
    expect(canonicalOrigin(`https://${host(512)}b`)).toHaveLength(512);
    expect(canonicalOrigin(`https://${host(513)}b`)).toBeUndefined();
  });

  it('agrees with the URL parser wherever it answers for https', () => {
    const label = fc.stringMatching(/^[a-zA-Z0-9-]{1,8}$/);
    const host = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
    fc.assert(
      fc.property(host, fc.option(fc.integer({ min: 0, max: 70_000 })), (name, port) => {
        const text = `https://${name}${port === null ? '' : `:${port}`}`;
        const canonical = canonicalOrigin(text);
        if (canonical !== undefined) expect(canonical).toBe(new URL(text).origin);
      }),
      { numRuns: 1_000 },
    );
  });
});
