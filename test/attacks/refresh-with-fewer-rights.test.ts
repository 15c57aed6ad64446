// AX-03: with a token of fewer rights the rights shrink from the next message on.
import { afterEach, expect, it } from 'vitest';
import { NOT_ALLOWED, RightsBench } from '../support/rights.ts';

let bench: RightsBench;

afterEach(() => bench.close());

it('what the old token allowed and the new does not is refused', async () => {
  bench = await RightsBench.open('in write');
  expect(await bench.says('write')).toBe('{"type":"write"}');
  expect(await bench.bring('in')).toMatchObject({ status: 200 });
  expect(await bench.says('write')).toBe(NOT_ALLOWED);
  expect(await bench.says('read')).toBe('{"type":"read"}');
});

it('who would not be let in any more is not kept', async () => {
  bench = await RightsBench.open('in');
  expect(await bench.bring('out')).toMatchObject({ status: 403, body: { code: 'not_authorized' } });
  expect(await bench.peer.closed()).toMatchObject({ code: 4503, reason: 'not_authorized' });
});
