// JK-06: the issuer's key endpoint fails in every way that still answers the telephone.
import { afterEach, describe, expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { faults, Provider, saying } from '../support/provider.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const text = keySetText(signer);
const HOUR = 3_600_000;
let provider: Provider;
let count = 0;

afterEach(() => provider.close());

const good = () => bearing(tokenOf(signer, claimsOf({ jti: `fresh ${count++}`, exp: 2_000_000_000 })));

describe.each(Object.entries(faults(text)))('%s', (_, fault) => {
  test('from the start: not ready, 503, and well again when it answers', async () => {
    provider = await Provider.listen(fault);
    const context = identityContext();
    const options = jwtOptionsOf({ jwks: `${provider.url}/keys`, keys: { timeout: '500ms' } });
    const identity = identityOf(jwt, options, context);
    const answers = await Promise.all(Array.from({ length: 20 }, () => answerOf(identity, good())));
    expect(new Set(answers)).toEqual(new Set(['identity_unavailable']));
    expect(provider.asked).toEqual(['/keys']);
    expect(identity.health?.()).toMatch(/^no keys: /);
    expect(context.said.map(({ name }) => name)).toEqual(['keys.failed']);
    provider.behave(saying(text));
    context.clock.pass(1_000);
    expect(await answerOf(identity, good())).toBe('accepted');
    expect(identity.health?.()).toBeUndefined();
  });

  test('later: the keys at hand serve for their time and an hour more, and then no longer', async () => {
    provider = await Provider.listen(saying(text));
    const context = identityContext();
    const options = jwtOptionsOf({ jwks: `${provider.url}/keys`, keys: { timeout: '500ms' } });
    const identity = identityOf(jwt, options, context);
    const seen = good();
    expect(await answerOf(identity, seen)).toBe('accepted');
    provider.behave(fault);
    context.clock.pass(HOUR);
    expect(await answerOf(identity, good())).toBe('accepted');
    expect(identity.health?.()).toMatch(/^the keys are stale: /);
    context.clock.pass(700_000);
    expect(await answerOf(identity, good())).toBe('identity_unavailable');
    expect(await answerOf(identity, seen)).toBe('identity_unavailable');
    expect(identity.health?.()).toMatch(/^the keys are too old/);
  });
});
