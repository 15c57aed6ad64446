import { describe, expect, it } from 'vitest';
import { FORMATS } from './formats.ts';

function holds(format: string, value: unknown): boolean {
  const defined = FORMATS[format];
  if (defined instanceof RegExp) return defined.test(value as string);
  if (typeof defined === 'function') return (defined as (value: unknown) => boolean)(value);
  return (defined as { validate(value: unknown): boolean }).validate(value);
}

/** Values that hold, and values that do not. */
const CASES: Readonly<Record<string, readonly [good: readonly unknown[], bad: readonly unknown[]]>> = {
  'date-time': [
    [
      '2026-02-28T23:59:59Z',
      '2024-02-29t00:00:00.123+01:00',
      '1990-12-31T15:59:60-08:00',
      '2026-01-01 00:00:00Z',
    ],
    [
      '2026-02-29T00:00:00Z',
      '2026-01-01T24:00:00Z',
      '2026-01-01T00:00:60Z',
      '2026-01-01T00:00:00',
      '2026-13-01T00:00:00Z',
      '2026-01-01T00:00:00+24:00',
      '20260101T000000Z',
      '',
    ],
  ],
  date: [
    ['2000-02-29', '2026-12-31'],
    ['1900-02-29', '2026-04-31', '2026-00-01', '2026-1-1', '2026-01-00'],
  ],
  time: [
    ['12:00:00Z', '23:59:60Z', '00:59:60+01:00'],
    ['12:00:00', '12:60:00Z', '12:59:60Z', '25:00:00Z'],
  ],
  duration: [
    ['P1Y2M3DT4H5M6S', 'P2W', 'PT1S', 'P1D'],
    ['P', 'PT', 'P1DT', '1D', 'P1S', 'P1Y1W', ''],
  ],
  email: [
    ['ada@example.com', "o'neil+x@sub.example.org", 'a.b@localhost'],
    ['ada', '@b.c', 'a@', 'a@b@c', '.a@b', 'a..b@c', 'a@-b', `${'x'.repeat(65)}@b.c`, 'a b@c.d'],
  ],
  hostname: [
    ['example.com', 'a', 'xn--bcher-kva.example', `${'a'.repeat(63)}.b`],
    ['', 'a..b', '-a', 'a-', 'a_b', `${'a'.repeat(64)}`, 'a.', `${'a.'.repeat(127)}`],
  ],
  ipv4: [['192.0.2.1'], ['192.0.2', '192.0.2.256', '01.2.3.4', '::1']],
  ipv6: [
    ['::1', '2001:db8::192.0.2.1'],
    ['::1%eth0', '1::2::3', '192.0.2.1', ''],
  ],
  uri: [
    ['https://example.com/a?b#c', 'urn:uuid:1', 'mailto:a@b.c'],
    ['/a', 'a b:c', 'http://a%2', 'http://a|b', '1a:b'],
  ],
  'uri-reference': [
    ['/a/../b', '', '#c', 'https://x/%20'],
    ['a b', '%', 'a\\b', '<'],
  ],
  uuid: [
    ['123e4567-e89b-12d3-a456-426614174000'],
    ['123e4567e89b12d3a456426614174000', '123e4567-e89b-12d3-a456-42661417400g'],
  ],
  'json-pointer': [
    ['', '/a/~0~1', '/'],
    ['a', '/~', '/~2'],
  ],
  byte: [
    ['', 'aGk=', 'aGkh'],
    ['aGk', 'a===', 'aG k'],
  ],
  int32: [
    [0, -(2 ** 31), 2 ** 31 - 1],
    [2 ** 31, 1.5],
  ],
  int64: [[2 ** 40], [0.5]],
  double: [[0.5], [Number.POSITIVE_INFINITY]],
};

describe.each(Object.keys(CASES))('format %s', (format) => {
  const [good, bad] = CASES[format]!;

  it.each(good)('takes %j', (value) => {
    expect(holds(format, value)).toBe(true);
  });

  it.each(bad)('does not take %j', (value) => {
    expect(holds(format, value)).toBe(false);
  });
});
