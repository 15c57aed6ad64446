// JW-25: a token in the URL, where logs, histories and referrers keep it.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { withoutParameters } from '../../src/identity/token-source.ts';
import { handshakeOf } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const context = identityContext({ 'keys.json': keySetText(signer) });
const query = `room=1&access_token=${tokenOf(signer)}`;

test('is not looked at by default', async () => {
  const identity = identityOf(jwt, jwtOptionsOf(), context);
  expect(await answerOf(identity, handshakeOf({ query }))).toBe('not mine');
  expect(identity.readsQuery).toEqual([]);
});

test('cannot be turned on without calling it dangerous', () => {
  const options = (source: string) => jwt.options.safeParse(jwtOptionsOf({ tokenFrom: [source] }));
  expect(options('query:access_token').success).toBe(false);
  expect(options('dangerously-query:access_token').success).toBe(true);
});

test('where it is turned on, whoever writes the query down is told what to leave out', async () => {
  const options = jwtOptionsOf({ tokenFrom: ['dangerously-query:access_token'] });
  const identity = identityOf(jwt, options, context);
  expect(await answerOf(identity, handshakeOf({ query }))).toBe('accepted');
  expect(withoutParameters(query, identity.readsQuery!)).toBe('room=1');
});
