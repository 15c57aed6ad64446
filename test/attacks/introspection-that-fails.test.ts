// JK-12: an introspection endpoint that says no, says nothing, says rubbish, or is not there.
import { afterEach, describe, expect, test } from 'vitest';
import { REFUSALS } from '../../src/errors.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf } from '../support/identity.ts';
import { answerFor, introspectionOf } from '../support/introspection.ts';
import { faults, Provider, type Reply, saying } from '../support/provider.ts';

const good = JSON.stringify(answerFor());
const status =
  (code: number): Reply =>
  (_, response) =>
    response.writeHead(code).end(good);
let provider: Provider;

afterEach(() => provider.close());

test.each([
  ['active: false', { active: false }],
  ['active: false, beside all else that is good', answerFor({ active: false })],
  ['no active', answerFor({ active: undefined })],
  ['active that is a text', answerFor({ active: 'true' })],
  ['an empty object', {}],
  ['an expiry that is a text', answerFor({ exp: '9999999999' })],
  ['no expiry', answerFor({ exp: undefined })],
  ['no subject', answerFor({ sub: undefined })],
  ['a subject that is a list', answerFor({ sub: ['ada'] })],
  ['an id that is an object', answerFor({ jti: {} })],
])('%s is a no, and no reason to leave the provider alone', async (_, answer) => {
  provider = await Provider.listen(saying(answer));
  const { identity } = introspectionOf(provider);
  for (let i = 0; i < 10; i++)
    expect(await answerOf(identity, bearing(`token-${i}`))).toBe('credential_invalid');
  expect(provider.asked).toHaveLength(10);
  expect(identity.health?.()).toBeUndefined();
});

// An answer without end is about the token, as far as anyone can tell: it refuses that one and is read no further.
const { 'an answer without end': endless, ...away } = faults(good);

test('an answer without end', async () => {
  provider = await Provider.listen(endless!);
  const { identity } = introspectionOf(provider);
  expect(await answerOf(identity, bearing('token'))).toBe('credential_invalid');
});

describe.each([
  ...Object.entries(away),
  ['a 401', status(401)],
  ['a 403', status(403)],
  ['a 404', status(404)],
  ['a 429', status(429)],
  ['a 201', status(201)],
  ['a member twice', saying('{"active":true,"active":true}')],
  ['a list', saying(`[${good}]`)],
  ['a signed answer nobody asked for', saying('eyJhbGciOiJub25lIn0.e30.')],
] as [string, Reply][])('%s', (_, fault) => {
  test('is a 503; after three the provider is left alone, and then asked once', async () => {
    provider = await Provider.listen(fault);
    const circuit = { failures: 3, openFor: '10s' };
    const { identity, context } = introspectionOf(provider, { timeout: '100ms', circuit });
    for (let i = 0; i < 10; i++)
      expect(await answerOf(identity, bearing(`token-${i}`))).toBe('identity_unavailable');
    expect(REFUSALS.identity_unavailable.status).toBe(503);
    expect(provider.asked).toHaveLength(3);
    expect(identity.health?.()).toMatch(/^the circuit is open: 127.0.0.1:\d+: /);
    expect(context.said.map(({ name }) => name)).toEqual(['circuit.opened']);

    context.clock.pass(10_000);
    await Promise.all([1, 2, 3].map((i) => identity.identify(bearing(`again-${i}`))));
    expect(provider.asked).toHaveLength(4);

    // After a reload that has more patience: the circuit is still the same.
    const { identity: patient } = introspectionOf(provider, { circuit }, context);
    expect(await answerOf(patient, bearing('good'))).toBe('identity_unavailable');
    provider.behave(saying(good));
    context.clock.pass(10_000);
    expect(await answerOf(patient, bearing('good'))).toBe('accepted');
    expect(identity.health?.()).toBeUndefined();
    expect(context.said.map(({ name }) => name)).toEqual(['circuit.opened', 'circuit.closed']);
  });
});

test('while the provider is away, tokens that it vouched for a moment ago serve until their time is over', async () => {
  provider = await Provider.listen(saying(good));
  const { identity, context } = introspectionOf(provider);
  expect(await answerOf(identity, bearing('known'))).toBe('accepted');
  provider.behave(status(500));
  for (let i = 0; i < 10; i++) await identity.identify(bearing(`token-${i}`));
  expect(await answerOf(identity, bearing('known'))).toBe('accepted');
  context.clock.pass(10_000);
  expect(await answerOf(identity, bearing('known'))).toBe('identity_unavailable');
});
