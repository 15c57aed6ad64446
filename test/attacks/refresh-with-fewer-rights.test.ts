// AX-03: with a token of fewer rights the rights shrink from the next message on.
import { afterEach, expect, it } from 'vitest';
import { Chat, echoes } from '../support/chat.ts';
import { text } from '../support/raw-frames.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';
import { askWellKnown } from '../support/well-known.ts';

const signer = newSigner();
let chat: Chat;

afterEach(() => chat.close());

const rules = [
  { on: 'connect', allow: '"in" in principal.roles' },
  { when: 'message.type == "write"', allow: '"write" in principal.roles' },
  { when: 'message.type == "admin"', allow: 'has(claims.admin) && claims.admin == true' },
  { allow: 'true' },
];

async function open(scope: string, more: object = {}): Promise<{ peer: RawPeer; session: string }> {
  chat = await Chat.open({
    config: { identities: { staff: { jwt: jwtOptionsOf({ claims: { subject: 'sub', roles: 'scope' } }) } } },
    files: { 'keys.json': keySetText(signer) },
    route: {
      refresh: {},
      authorize: rules,
      dialect: { json: { type: '/type', refusal: '{"refused":{code}}' } },
      ...more,
    },
  });
  const peer = await chat.join({}, { headers: { Authorization: `Bearer ${tokenWith(scope)}` } });
  return { peer, session: String((await chat.gateway.logged('session.opened')).session) };
}

const tokenWith = (scope: string, more: object = {}) => tokenOf(signer, claimsOf({ scope, ...more }));

const bring = (session: string, scope: string, more: object = {}) =>
  askWellKnown(
    chat,
    `/sessions/${session}/refresh`,
    { path: '/chat' },
    {
      Authorization: `Bearer ${tokenWith(scope, more)}`,
    },
  );

async function says(peer: RawPeer, type: string): Promise<string> {
  peer.send(text(JSON.stringify({ type })));
  return String((await peer.nextOf('text')).payload);
}

const REFUSED = '{"refused":"not_authorized"}';

it('what the old token allowed and the new does not is refused', async () => {
  const { peer, session } = await open('in write');
  expect(await says(peer, 'write')).toBe('{"type":"write"}');
  expect(await bring(session, 'in')).toMatchObject({ status: 200 });
  expect(await says(peer, 'write')).toBe(REFUSED);
  await echoes(peer, '{"type":"ping"}');
});

it('who would not be let in any more is not kept', async () => {
  const { peer, session } = await open('in');
  expect(await bring(session, 'out')).toMatchObject({ status: 403, body: { code: 'not_authorized' } });
  expect(await peer.closed()).toMatchObject({ code: 4503, reason: 'not_authorized' });
});

// AX-17
it('with a token of more rights nothing is gained', async () => {
  const { peer, session } = await open('in');
  expect(await bring(session, 'in write', { admin: true })).toMatchObject({ status: 200 });
  expect(await says(peer, 'write')).toBe(REFUSED);
  expect(await says(peer, 'admin')).toBe(REFUSED);
  await echoes(peer, '{"type":"ping"}');
  expect(chat.named('credential.renewed')).toMatchObject([{ by: 'request', bounds: 1 }]);
});

// AX-17
it('what was lost does not come back with a later token', async () => {
  const { peer, session } = await open('in write');
  await bring(session, 'in');
  expect(await bring(session, 'in write')).toMatchObject({ status: 200 });
  expect(await says(peer, 'write')).toBe(REFUSED);
});

it('unless the route says that rights may grow', async () => {
  const { peer, session } = await open('in', { refresh: { widen: true } });
  await bring(session, 'in write', { admin: true });
  expect(await says(peer, 'write')).toBe('{"type":"write"}');
  expect(await says(peer, 'admin')).toBe('{"type":"admin"}');
});

// AX-17
it('rights that change with every token are remembered up to a bound, and then the old ones stay', async () => {
  const { peer, session } = await open('in 0');
  for (let i = 1; i <= 8; i++) expect((await bring(session, `in ${i}`)).status).toBe(200);
  expect(await bring(session, 'in 9')).toMatchObject({ status: 403, body: { code: 'rights_changed' } });
  await echoes(peer, '{"type":"ping"}');
});
