// JK-14: an answer that is for another token, another client or audience, or in the name of another issuer.
import type { ServerResponse } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import { bearing } from '../support/handshake.ts';
import { answerOf, principalOf } from '../support/identity.ts';
import { answerFor, introspecting, introspectionOf, say } from '../support/introspection.ts';
import { Provider, saying } from '../support/provider.ts';

let provider: Provider;

afterEach(() => provider.close());

test('each answer belongs to its question, in whatever order they come', async () => {
  const waiting = new Map<string, ServerResponse>();
  provider = await Provider.listen(
    introspecting(
      ({ token }) =>
        (_, response) =>
          void waiting.set(token, response),
    ),
  );
  const { identity } = introspectionOf(provider);
  const names = ['ada', 'bob', 'eve'];
  const principals = Promise.all(names.map((name) => principalOf(identity, bearing(name))));
  await vi.waitFor(() => expect(waiting.size).toBe(names.length));
  for (const name of names.toReversed()) say(waiting.get(name)!, answerFor({ sub: name, jti: name }));
  expect((await principals).map(({ subject }) => subject)).toEqual(names);
  // And what was remembered is remembered of the right one.
  for (const name of names) expect((await principalOf(identity, bearing(name))).subject).toBe(name);
});

test('a second answer on the connection is for nobody', async () => {
  const body = (sub: string) => JSON.stringify(answerFor({ sub, jti: sub }));
  const answer = (text: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
  provider = await Provider.listen(
    introspecting(
      ({ token }) =>
        ({ socket }) =>
          void socket.write(answer(body(token)) + answer(body('eve'))),
    ),
  );
  const { identity } = introspectionOf(provider);
  for (const name of ['ada', 'bob']) {
    expect((await principalOf(identity, bearing(name))).subject).toBe(name);
  }
});

const expected = { issuer: 'https://id.example.com', audience: 'chat', clients: ['app'] };
const right = { iss: 'https://id.example.com', aud: ['chat', 'mail'], client_id: 'app' };

test.each([
  ['another issuer', { iss: 'https://evil.example' }],
  ['a slash more in the issuer', { iss: 'https://id.example.com/' }],
  ['no issuer', { iss: undefined }],
  ['a list of issuers', { iss: ['https://id.example.com'] }],
  ['another audience', { aud: 'mail' }],
  ['an audience that begins like ours', { aud: ['chat2', 'chat '] }],
  ['no audience', { aud: undefined }],
  ['another client', { client_id: 'evil' }],
  ['no client', { client_id: undefined }],
  ['a refresh token', { token_type: undefined }],
  ['a token that proves possession', { token_type: 'DPoP' }],
])('%s', async (_, changes) => {
  provider = await Provider.listen(saying(answerFor(right)));
  const { identity } = introspectionOf(provider, expected);
  expect(await answerOf(identity, bearing('right'))).toBe('accepted');
  provider.behave(saying(answerFor({ ...right, ...changes })));
  expect(await answerOf(identity, bearing('wrong'))).toBe('credential_invalid');
});

test('a token cannot say more than one field of the question', async () => {
  const tokens: string[] = [];
  provider = await Provider.listen(
    introspecting(({ token }) => {
      tokens.push(token);
      return answerFor();
    }),
  );
  const { identity } = introspectionOf(provider);
  await identity.identify(bearing('a+b/c=='));
  expect(await answerOf(identity, bearing('a&token=b'))).toBe('credential_malformed');
  expect(await answerOf(identity, bearing('a%26token=b'))).toBe('credential_malformed');
  expect(tokens).toEqual(['a+b/c==']);
});
