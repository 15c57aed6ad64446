// AX-17: a token of more rights brings none of them into a session, unless the route says so.
import { afterEach, expect, it } from 'vitest';
import { NOT_ALLOWED, RightsBench } from '../support/rights.ts';

let bench: RightsBench;

afterEach(() => bench.close());

it('nothing is gained by a new role or claim', async () => {
  bench = await RightsBench.open('in');
  expect(await bench.bring('in write', { admin: true })).toMatchObject({ status: 200 });
  expect(await bench.says('write')).toBe(NOT_ALLOWED);
  expect(await bench.says('admin')).toBe(NOT_ALLOWED);
  expect(await bench.says('read')).toBe('{"type":"read"}');
  expect(bench.chat.named('credential.renewed')).toMatchObject([{ by: 'request', bounds: 1 }]);
});

it('what was lost does not come back with a later token', async () => {
  bench = await RightsBench.open('in write');
  await bench.bring('in');
  expect(await bench.bring('in write')).toMatchObject({ status: 200 });
  expect(await bench.says('write')).toBe(NOT_ALLOWED);
});

it('a token of the same rights costs none of them', async () => {
  bench = await RightsBench.open('in write');
  expect(
    await bench.bring('in write', { jti: 't-2', exp: Math.floor(Date.now() / 1_000) + 60 }),
  ).toMatchObject({
    status: 200,
  });
  expect(await bench.says('write')).toBe('{"type":"write"}');
  expect(bench.chat.named('credential.renewed')).toMatchObject([{ bounds: 0 }]);
});

it('rights grow where the route says that they may', async () => {
  bench = await RightsBench.open('in', { refresh: { widen: true } });
  await bench.bring('in write', { admin: true });
  expect(await bench.says('write')).toBe('{"type":"write"}');
  expect(await bench.says('admin')).toBe('{"type":"admin"}');
});

it('rights that change with every token are remembered up to a bound, and then the last ones stay', async () => {
  bench = await RightsBench.open('in 0');
  for (let i = 1; i <= 8; i++) expect((await bench.bring(`in ${i}`)).status).toBe(200);
  expect(await bench.bring('in 9')).toMatchObject({ status: 403, body: { code: 'rights_changed' } });
  expect(await bench.says('read')).toBe('{"type":"read"}');
});
