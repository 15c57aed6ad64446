// JK-03, JK-04, JK-05: the issuer's keys change. A new one signs at once; the old set serves until the new one is read;
// one that was withdrawn is refused when its time is up.
import { afterEach, expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { Provider, saying } from '../support/provider.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const first = newSigner('first');
const second = newSigner('second');
let provider: Provider;
let count = 0;

afterEach(() => provider.close());

async function rotating() {
  provider = await Provider.listen(saying(keySetText(first)));
  const context = identityContext();
  const build = () => identityOf(jwt, jwtOptionsOf({ jwks: `${provider.url}/keys` }), context);
  return { context, build, identity: build() };
}

const fresh = (signer: typeof first) => bearing(tokenOf(signer, claimsOf({ jti: `fresh ${count++}` })));

test('a token of a new key is accepted within one more request', async () => {
  const { identity, context } = await rotating();
  expect(await answerOf(identity, fresh(first))).toBe('accepted');
  provider.behave(saying(keySetText(first, second)));
  context.clock.pass(30_000);
  expect(await answerOf(identity, fresh(second))).toBe('accepted');
  expect(await answerOf(identity, fresh(first))).toBe('accepted');
  expect(provider.asked).toHaveLength(2);
});

test('while the new set is on its way, and when it is broken, the old one serves and nobody waits', async () => {
  const { identity, context } = await rotating();
  expect(await answerOf(identity, fresh(first))).toBe('accepted');
  let release = () => {};
  provider.behave((_, response) => {
    release = () => response.end('{"keys":');
  });
  context.clock.pass(30_000);
  const waiting = identity.identify(fresh(second));
  while (provider.asked.length < 2) await new Promise(setImmediate);
  for (let i = 0; i < 20; i++) expect(await answerOf(identity, fresh(first))).toBe('accepted');
  release();
  expect(await waiting).toMatchObject({ code: 'credential_invalid' });
  expect(await answerOf(identity, fresh(first))).toBe('accepted');
});

test('a withdrawn key is refused as soon as the new set is there, and tokens seen before with it', async () => {
  const { identity, context } = await rotating();
  const seen = fresh(first);
  expect(await answerOf(identity, seen)).toBe('accepted');
  provider.behave(saying(keySetText(second)));
  context.clock.pass(600_001);
  expect(await answerOf(identity, seen)).toBe('credential_invalid');
  expect(await answerOf(identity, fresh(first))).toBe('credential_invalid');
  expect(await answerOf(identity, fresh(second))).toBe('accepted');
});

test('a reload keeps the keys, and asks nobody', async () => {
  const { identity, build } = await rotating();
  await identity.prepare?.();
  expect(identity.health?.()).toBeUndefined();
  const reloaded = build();
  expect(reloaded.health?.()).toBeUndefined();
  expect(await answerOf(reloaded, fresh(first))).toBe('accepted');
  expect(provider.asked).toHaveLength(1);
});
