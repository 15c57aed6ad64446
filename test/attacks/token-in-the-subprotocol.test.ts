// JW-26: a token among the subprotocols is read only where that is configured.
import { expect, test } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { isBearerProtocol } from '../../src/identity/token-source.ts';
import { handshakeOf } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';
import { jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const signer = newSigner();
const context = identityContext({ 'keys.json': keySetText(signer) });
const offer = `bearer.${tokenOf(signer)}`;
const handshake = handshakeOf({ protocols: ['chat.v1', offer] });

test('not by default', async () => {
  expect(await answerOf(identityOf(jwt, jwtOptionsOf(), context), handshake)).toBe('not mine');
});

test('where it is configured, and it is told from a protocol that could be echoed', async () => {
  const identity = identityOf(jwt, jwtOptionsOf({ tokenFrom: ['subprotocol'] }), context);
  expect(await answerOf(identity, handshake)).toBe('accepted');
  expect(handshake.protocols.filter((protocol) => !isBearerProtocol(protocol))).toEqual(['chat.v1']);
});

test('an empty one, two of them, and one beside another token', async () => {
  const identity = identityOf(jwt, jwtOptionsOf({ tokenFrom: ['header', 'subprotocol'] }), context);
  const answerTo = (protocols: string[], headers = {}) =>
    answerOf(identity, handshakeOf({ protocols, headers }));
  expect(await answerTo(['bearer.'])).toBe('credential_malformed');
  expect(await answerTo([offer, `${offer}A`])).toBe('credential_malformed');
  expect(await answerTo([offer], { authorization: `Bearer ${tokenOf(signer)}` })).toBe(
    'credential_malformed',
  );
});
