// JK-13: an answer of an introspection endpoint is believed after the token has run out, or for longer than was said.
import { afterEach, expect, test } from 'vitest';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, principalOf } from '../support/identity.ts';
import { answerFor, introspectionOf } from '../support/introspection.ts';
import { Provider, saying } from '../support/provider.ts';

let provider: Provider;

afterEach(() => provider.close());

/** A token that runs out in `seconds`, accepted once, at a provider that would say yes for ever. */
async function accepted(seconds: number, cacheFor: string) {
  const context = identityContext();
  context.clock.wall = Math.ceil(context.clock.wall / 1_000) * 1_000;
  const exp = context.clock.wall / 1_000 + seconds;
  provider = await Provider.listen(saying(answerFor({ exp })));
  const { identity } = introspectionOf(provider, { cacheFor }, context);
  const principal = await principalOf(identity, bearing('token'));
  return { identity, clock: context.clock, exp, principal };
}

test('never beyond exp, not by a millisecond, however long answers may be kept', async () => {
  const { identity, clock, exp, principal } = await accepted(3, '10m');
  expect(principal.expiresAt).toBe(exp * 1_000);
  clock.pass(2_999);
  expect(await answerOf(identity, bearing('token'))).toBe('accepted');
  clock.pass(1);
  expect(await answerOf(identity, bearing('token'))).toBe('credential_expired');
});

test('a wall clock that jumps past exp takes the answer with it, and one that jumps back does not prolong it', async () => {
  const ahead = await accepted(60, '10s');
  ahead.clock.wall += 60_000;
  expect(await answerOf(ahead.identity, bearing('token'))).toBe('credential_expired');
  await provider.close();

  const back = await accepted(60, '10s');
  back.clock.wall -= 3_600_000;
  back.clock.ticks += 10_000;
  provider.behave(saying({ active: false }));
  expect(await answerOf(back.identity, bearing('token'))).toBe('credential_invalid');
});

test('a token that was withdrawn is refused after cacheFor, counted from the question', async () => {
  const context = identityContext();
  provider = await Provider.listen((request, response) => {
    // The provider takes nine seconds to answer, by the clock of the gateway.
    context.clock.pass(9_000);
    saying(answerFor())(request, response);
  });
  const { identity } = introspectionOf(provider, { cacheFor: '10s' }, context);
  expect(await answerOf(identity, bearing('token'))).toBe('accepted');
  provider.behave(saying({ active: false }));
  context.clock.pass(999);
  expect(await answerOf(identity, bearing('token'))).toBe('accepted');
  context.clock.pass(1);
  expect(await answerOf(identity, bearing('token'))).toBe('credential_invalid');
});

test('an answer that comes after exp is a no', async () => {
  const context = identityContext();
  provider = await Provider.listen((request, response) => {
    const answer = answerFor({ exp: Math.floor(context.clock.wall / 1_000) + 1 });
    context.clock.pass(2_000);
    saying(answer)(request, response);
  });
  const { identity } = introspectionOf(provider, {}, context);
  expect(await answerOf(identity, bearing('token'))).toBe('credential_expired');
});
