// UP-10: a name that does not resolve, or takes for ever, ends with the time to connect. Where a route leads is its
// owner's to say; no name comes from a client.
import { expect, it } from 'vitest';
import { tryDial } from '../support/upstream.ts';

it('is refused, or is late, and never more than that', async () => {
  const outcome = await tryDial('ws://upstream.invalid:9000', { connectTimeout: 1_000 });
  expect(outcome).toMatch(/^upstream_(refused: (ENOTFOUND|EAI_AGAIN)|timeout: )/);
});
