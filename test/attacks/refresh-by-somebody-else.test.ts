// AX-02 AC-08: a new credential of another holder is refused, and makes nobody of anybody.
import { afterEach, describe, expect, it } from 'vitest';
import { Chat, echoes } from '../support/chat.ts';
import { text } from '../support/raw-frames.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { claimsOf, newSigner, tokenOf } from '../support/tokens.ts';
import { askWellKnown, refresh } from '../support/well-known.ts';

let chat: Chat;

afterEach(() => chat.close());

const APP = 'https://app.example.com';
const OTHER = 'https://other.example.com';

async function open(route: object = {}): Promise<{ peer: RawPeer; session: string }> {
  chat = await Chat.open({
    route: {
      refresh: {},
      dialect: {
        json: { type: '/type', refusal: '{"type":"error","code":{code}}', refresh: { type: 'auth' } },
      },
      ...route,
    },
  });
  const peer = await chat.join({ org: 'acme' }, { headers: { Origin: APP } });
  const session = String((await chat.gateway.logged('session.opened')).session);
  return { peer, session };
}

const alive = (peer: RawPeer) => echoes(peer, '{"type":"ping"}');

describe('by request', () => {
  it.each<[string, object]>([
    ['another subject', { sub: 'eve', org: 'acme' }],
    ['another tenant', { org: 'globex' }],
    ['no tenant', {}],
  ])('of %s: 404, as though there were no such session, which goes on', async (_, claims) => {
    const { peer, session } = await open();
    const from = { headers: { Origin: APP } };
    const refused = await refresh(chat, session, claims as never, from);
    const unknown = await refresh(chat, '00000000-0000-4000-8000-000000000000', claims as never, from);
    expect([refused.status, refused.body]).toEqual([404, { code: 'session_unknown', reason: 'not found' }]);
    expect([unknown.status, unknown.body]).toEqual([refused.status, refused.body]);
    expect(chat.named('credential.refused')).toMatchObject([
      { session, by: 'request', code: 'identity_mismatch', subject: 'ada' },
    ]);
    await alive(peer);
  });

  it('from another page: 404', async () => {
    const { peer, session } = await open({ origins: [APP, OTHER, 'absent'] });
    for (const headers of [{ Origin: OTHER }, {}])
      expect((await refresh(chat, session, { org: 'acme' }, { headers })).status).toBe(404);
    await alive(peer);
  });

  it('by way of another route, or another path: 404', async () => {
    const route = { refresh: {} };
    chat = await Chat.open({ route, routes: [{ name: 'other', match: { path: '/other' }, ...route }] });
    await chat.join();
    const session = String((await chat.gateway.logged('session.opened')).session);
    expect((await refresh(chat, session, {}, { path: '/other' })).status).toBe(404);
    expect((await refresh(chat, session)).status).toBe(200);
  });

  it('with nothing, or with a forged token: 401, before anybody asks whether there is such a session', async () => {
    const { session } = await open();
    const forged = tokenOf(newSigner(), claimsOf({ org: 'acme' }));
    for (const Authorization of [null, `Bearer ${forged}`]) {
      const fields = { Authorization, Origin: APP };
      const { status } = await askWellKnown(chat, `/sessions/${session}/refresh`, { path: '/chat' }, fields);
      expect(status).toBe(401);
    }
    expect(chat.named('credential.refused')).toEqual([]);
  });
});

describe('in a message', () => {
  const bring = (peer: RawPeer, token: string) => peer.send(text(JSON.stringify({ type: 'auth', token })));

  it.each<[string, object, string, number]>([
    ['another subject', { sub: 'eve', org: 'acme' }, 'identity_mismatch', 4503],
    ['another tenant', { org: 'globex' }, 'identity_mismatch', 4503],
    ['another issuer', { org: 'acme', iss: 'https://evil.example.com' }, 'identity_mismatch', 4503],
    ['another audience', { org: 'acme', aud: 'billing' }, 'credential_invalid', 3000],
  ])('of %s: the connection is closed', async (_, claims, code, close) => {
    const { peer } = await open();
    bring(peer, chat.token(claims as never));
    expect(await peer.closed()).toMatchObject({ code: close, reason: code });
    expect(chat.named('credential.refused')).toMatchObject([{ by: 'message', code, subject: 'ada' }]);
  });

  it('forged: the connection is closed, and the backend has seen nothing', async () => {
    const { peer } = await open();
    bring(peer, tokenOf(newSigner(), claimsOf({ org: 'acme' })));
    expect(await peer.closed()).toMatchObject({ code: 3000, reason: 'credential_invalid' });
    expect(
      chat.upstream.peers.flatMap(({ received }) => received.filter(({ kind }) => kind === 'text')),
    ).toEqual([]);
  });
});
