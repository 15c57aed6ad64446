// OR-03
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

it('keeps out an opaque origin unless it is listed', async () => {
  expect(await new Guarded({ origins: ['https://app.example.com'] }).knock({ origin: 'null' })).toBe(
    'origin_denied',
  );
  expect(await new Guarded({ origins: ['https://app.example.com', 'null'] }).knock({ origin: 'null' })).toBe(
    'pass',
  );
});

it.each(['Null', 'NULL', ' null', 'null ', 'null, null', 'undefined', '', 'none-required', 'absent'])(
  'does not take %j for a listed null',
  async (origin) => {
    expect(await new Guarded({ origins: ['https://app.example.com', 'null'] }).knock({ origin })).toBe(
      'origin_denied',
    );
  },
);
