import { afterEach, expect, test } from 'vitest';
import { bearing, certificateOf, handshakeOf } from '../../test/support/handshake.ts';
import { answerOf, identityContext, principalOf } from '../../test/support/identity.ts';
import {
  answerFor,
  introspecting,
  introspectionOf,
  type Question,
  say,
} from '../../test/support/introspection.ts';
import { Provider, saying } from '../../test/support/provider.ts';
import { createDevelopmentCa } from '../edge/development-ca.ts';
import { OptionsError } from '../pipeline/context.ts';
import { introspection } from './introspection.ts';

let provider: Provider;

afterEach(() => provider?.close());

test('asks by a form and HTTP Basic, and makes a principal of the answer', async () => {
  const questions: Question[] = [];
  const answer = answerFor({ org: 'acme', scope: 'send read', cents: 7 }) as { iat: number; exp: number };
  provider = await Provider.listen(
    introspecting((question) => {
      questions.push(question);
      return answer;
    }),
  );
  const { identity } = introspectionOf(provider, {
    clientId: 'gate:way',
    clientSecret: '&a +%',
    claims: { tenant: 'org', roles: 'scope' },
  });
  expect(await principalOf(identity, bearing('opaque-1'))).toEqual({
    identity: 'staff',
    subject: 'ada',
    tenant: 'acme',
    roles: ['send', 'read'],
    claims: answer,
    issuedAt: answer.iat * 1_000,
    expiresAt: answer.exp * 1_000,
    tokenId: 't-1',
  });
  expect(provider.asked).toEqual(['/introspect']);
  expect(questions).toEqual([
    {
      token: 'opaque-1',
      hint: 'access_token',
      method: 'POST',
      authorization: `Basic ${btoa('gate%3Away:%26a+%2B%25')}`,
      contentType: 'application/x-www-form-urlencoded',
    },
  ]);
});

test('no token is not its business, and what cannot be one is not asked about', async () => {
  provider = await Provider.listen(saying(answerFor()));
  const { identity } = introspectionOf(provider);
  expect(await answerOf(identity, handshakeOf())).toBe('not mine');
  expect(await answerOf(identity, handshakeOf({ headers: { authorization: 'Basic YTpi' } }))).toBe(
    'not mine',
  );
  for (const odd of ['a"b', 'a=b', 'ä', 'a&token=b', 'x'.repeat(8_193)])
    expect(await answerOf(identity, bearing(odd))).toBe('credential_malformed');
  expect(provider.asked).toEqual([]);
});

test('a token that was asked about a moment ago is not asked about again', async () => {
  provider = await Provider.listen(saying(answerFor()));
  const { identity, context } = introspectionOf(provider);
  await identity.identify(bearing('good'));
  const found = identity.identify(bearing('good'));
  expect(found).not.toBeInstanceOf(Promise);
  context.clock.pass(9_900);
  expect(await answerOf(identity, bearing('good'))).toBe('accepted');
  expect(provider.asked).toHaveLength(1);
  context.clock.pass(100);
  expect(await answerOf(identity, bearing('good'))).toBe('accepted');
  expect(provider.asked).toHaveLength(2);
});

test('a no is remembered for two seconds, and a provider that is away not at all', async () => {
  provider = await Provider.listen(saying({ active: false }));
  const { identity, context } = introspectionOf(provider);
  for (let i = 0; i < 5; i++) expect(await answerOf(identity, bearing('bad'))).toBe('credential_invalid');
  expect(provider.asked).toHaveLength(1);
  provider.behave(saying(answerFor()));
  context.clock.pass(2_000);
  expect(await answerOf(identity, bearing('bad'))).toBe('accepted');

  provider.behave((_, response) => response.writeHead(503).end());
  expect(await answerOf(identity, bearing('other'))).toBe('identity_unavailable');
  provider.behave(saying(answerFor()));
  expect(await answerOf(identity, bearing('other'))).toBe('accepted');
});

test('nothing is remembered where the configuration says so', async () => {
  provider = await Provider.listen(saying(answerFor()));
  const { identity } = introspectionOf(provider, { cacheFor: '0s' });
  for (let i = 0; i < 3; i++) expect(await answerOf(identity, bearing('good'))).toBe('accepted');
  expect(provider.asked).toHaveLength(3);
});

test('a thousand who bring one token at once are one question', async () => {
  provider = await Provider.listen(saying(answerFor()));
  const { identity } = introspectionOf(provider);
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => answerOf(identity, bearing('good'))));
  expect(new Set(answers)).toEqual(new Set(['accepted']));
  expect(provider.asked).toHaveLength(1);
});

test('of many tokens at once a few are asked about at a time, and too many are turned away', async () => {
  let open = 0;
  let most = 0;
  provider = await Provider.listen((_, response) => {
    most = Math.max(most, ++open);
    setImmediate(() => {
      open--;
      say(response, answerFor());
    });
  });
  const { identity } = introspectionOf(provider);
  const tokens = Array.from({ length: 1_100 }, (_, i) => bearing(`token-${i}`));
  const answers = await Promise.all(tokens.map((each) => answerOf(identity, each)));
  expect(most).toBeLessThanOrEqual(32);
  expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(1_056);
  expect(answers.filter((answer) => answer === 'identity_flooded')).toHaveLength(44);
});

test('whose turn comes when half of its time is gone is turned away, and the provider not blamed', async () => {
  const context = identityContext();
  provider = await Provider.listen((_, response) => {
    context.clock.pass(5_000);
    say(response, answerFor({ exp: 4_000_000_000 }));
  });
  const { identity } = introspectionOf(provider, { timeout: '8s', circuit: { failures: 1 } }, context);
  const tokens = Array.from({ length: 33 }, (_, i) => bearing(`token-${i}`));
  const answers = await Promise.all(tokens.map((each) => answerOf(identity, each)));
  expect(answers.pop()).toBe('identity_flooded');
  expect(new Set(answers)).toEqual(new Set(['accepted']));
  expect(provider.asked).toHaveLength(32);
  expect(identity.health?.()).toBeUndefined();
});

test('a thousand invented tokens cost the provider a few questions, sent one by one or all at once', async () => {
  provider = await Provider.listen(saying({ active: false }));
  const { identity, context } = introspectionOf(provider, { badTokens: '30/m' });
  for (let i = 0; i < 100; i++) await identity.identify(bearing(`invented-${i}`));
  expect(provider.asked).toHaveLength(30);
  expect(context.said.map(({ name }) => name)).toEqual(['identity.locked']);
  const elsewhere = { address: '192.0.2.2' };
  await Promise.all(
    Array.from({ length: 1_000 }, (_, i) => identity.identify(bearing(`made-up-${i}`, elsewhere))),
  );
  // Thirty, and those that were under way when the thirtieth was refused.
  expect(provider.asked.length).toBeLessThanOrEqual(30 + 30 + 32);
});

test('a reload hands out no new allowance, and leaves the circuit as it is', async () => {
  provider = await Provider.listen(saying({ active: false }));
  const { identity, context } = introspectionOf(provider, { badTokens: '1/m', circuit: { failures: 1 } });
  await identity.identify(bearing('bad'));
  provider.behave((_, response) => response.writeHead(500).end());
  await identity.identify(bearing('any', { address: '192.0.2.2' }));
  const { identity: next } = introspectionOf(
    provider,
    { badTokens: '1/m', circuit: { failures: 1 } },
    context,
  );
  expect(await answerOf(next, bearing('worse'))).toBe('identity_flooded');
  expect(next.health?.()).toMatch(/^the circuit is open: 127.0.0.1:\d+: answered 500, not 200$/);
  expect(await answerOf(next, bearing('new', { address: '192.0.2.3' }))).toBe('identity_unavailable');
  expect(provider.asked).toHaveLength(2);
});

test('a token that the provider cannot read refuses itself alone', async () => {
  provider = await Provider.listen(
    introspecting(({ token }) =>
      token === 'good' ? answerFor() : (_, response) => void response.writeHead(400).end(),
    ),
  );
  const { identity, context } = introspectionOf(provider, { circuit: { failures: 20 } });
  for (let i = 0; i < 20; i++) {
    expect(identity.health?.()).toBeUndefined();
    expect(await answerOf(identity, bearing(`odd-${i}`))).toBe('credential_invalid');
  }
  // It may be ourselves whom it does not understand: the operator is told, and the circuit stays closed.
  expect(identity.health?.()).toBe('the last 20 tokens were not looked at by the provider');
  expect(context.said).toEqual([]);
  expect(await answerOf(identity, bearing('good'))).toBe('accepted');
  expect(identity.health?.()).toBeUndefined();
});

test('a token bound to a certificate needs it, and one bound to a key is refused', async () => {
  const certificate = certificateOf();
  const thumbprint = Buffer.from(certificate.fingerprint, 'hex').toString('base64url');
  provider = await Provider.listen(
    introspecting(({ token }) =>
      answerFor({ cnf: token === 'bound' ? { 'x5t#S256': thumbprint } : { jkt: 'abc' } }),
    ),
  );
  const { identity } = introspectionOf(provider);
  expect(await answerOf(identity, bearing('bound'))).toBe('credential_invalid');
  const principal = await principalOf(identity, bearing('bound', { certificate }));
  expect(principal.certificateSerial).toBe(certificate.serial);
  expect(await answerOf(identity, bearing('dpop', { certificate }))).toBe('credential_invalid');
});

test('a token without an id is known by its hash', async () => {
  provider = await Provider.listen(saying(answerFor({ jti: undefined })));
  const { identity } = introspectionOf(provider);
  const [one, two] = [
    await principalOf(identity, bearing('v4.local.one')),
    await principalOf(identity, bearing('v4.local.two')),
  ];
  expect(one.tokenId).toMatch(/^sha256:[A-Za-z0-9_-]{43}$/);
  expect(two.tokenId).not.toBe(one.tokenId);
});

test('asks a provider that the authority of the configuration vouches for', async () => {
  const ca = await createDevelopmentCa();
  provider = await Provider.listen(saying(answerFor()), await ca.issue({ ip: ['127.0.0.1'] }));
  const { identity: stranger, context } = introspectionOf(provider);
  expect(await answerOf(stranger, bearing('good'))).toBe('identity_unavailable');
  context.files['ca.pem'] = ca.cert;
  const { identity } = introspectionOf(provider, { ca: 'ca.pem' }, context);
  expect(await answerOf(identity, bearing('good'))).toBe('accepted');
  context.files['ca.pem'] = '';
  expect(() => introspectionOf(provider, { ca: 'ca.pem' }, context)).toThrow(OptionsError);
});

test.each([
  ['an endpoint over http', { endpoint: 'http://id.example.com/introspect' }],
  ['an endpoint with a password', { endpoint: 'https://a:b@id.example.com/' }],
  ['what is no URL', { endpoint: 'introspect' }],
  ['no client', { clientId: undefined }],
  ['no secret', { clientSecret: '' }],
  ['a secret beyond ASCII', { clientSecret: 'ß' }],
  ['a cache of hours', { cacheFor: '1h' }],
  ['a time-out that is longer than the patience of the gateway', { timeout: '9s' }],
  ['no audience among the audiences', { audience: [] }],
  ['an option that is none', { audiance: 'chat' }],
] as [string, object][])('the configuration may not have %s', (_, changes) => {
  const good = { endpoint: 'https://id.example.com/introspect', clientId: 'a', clientSecret: 'b' };
  expect(introspection.options.safeParse(good).success).toBe(true);
  expect(introspection.options.safeParse({ ...good, ...changes }).success).toBe(false);
});
