import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Chat, echoes } from '../support/chat.ts';
import { Provider, routing, saying } from '../support/provider.ts';
import { CAEP, earlier, eventToken, openWithSignals, push, RISC, SSF, user } from '../support/signals.ts';
import { ISSUER, keySetText, newRsaSigner } from '../support/tokens.ts';

let chat: Chat;

afterEach(() => chat.close());

const revoked = { code: 4500, reason: 'session_revoked' };
const expired = { code: 3000, reason: 'session_expired' };

// AX-06
describe('a security event', () => {
  it.each([
    [`${CAEP}session-revoked`, {}, revoked],
    [`${RISC}account-disabled`, { reason: 'hijacking' }, revoked],
    [`${RISC}account-purged`, {}, revoked],
    [`${RISC}sessions-revoked`, {}, revoked],
    [`${CAEP}token-claims-change`, { claims: { role: 'reader' } }, expired],
    [`${CAEP}credential-change`, { credential_type: 'password', change_type: 'update' }, expired],
  ])('%s ends what its subject has open, and refuses the tokens from before', async (type, payload, end) => {
    chat = await openWithSignals();
    const ada = await chat.join(earlier());
    const bob = await chat.join(earlier({ sub: 'bob' }));
    const { status, body } = await push(chat, eventToken({ claims: { events: { [type]: payload } } }));
    expect([status, body]).toEqual([202, undefined]);
    expect(await ada.closed()).toMatchObject(end);
    expect(await chat.knock(earlier())).toMatchObject({ status: 401 });
    await echoes(bob);
    expect(chat.named('signal.accepted')).toMatchObject([
      { transmitter: 'idp', type, target: 'subject=ada', affected: 1 },
    ]);
    expect(await chat.metric('sallyport_signals_total', { transmitter: 'idp', outcome: 'accepted' })).toBe(1);
  });

  it('lets whoever has a newer token come back', async () => {
    chat = await openWithSignals();
    const ago = Math.floor(Date.now() / 1_000) - 10;
    const events = { [`${CAEP}session-revoked`]: { event_timestamp: ago } };
    const before = await chat.join({ iat: ago });
    const after = await chat.join({ iat: ago + 1 });
    await push(chat, eventToken({ claims: { events } }));
    expect(await before.closed()).toMatchObject(revoked);
    await echoes(after);
    expect(await chat.knock({ iat: ago })).toMatchObject({ status: 401 });
  });

  it.each([
    ['a token', { format: 'jwt_id', iss: ISSUER, jti: 't-ada' }, 'tokenId=t-ada'],
    [
      'a user in a tenant',
      { format: 'complex', user: user('ada'), tenant: { format: 'opaque', id: 'acme' } },
      'subject=ada',
    ],
    ['a tenant', { format: 'complex', tenant: { format: 'opaque', id: 'acme' } }, 'tenant=acme'],
    [
      'a session, by its user',
      { format: 'complex', user: user('ada'), session: { format: 'opaque', id: 'x' } },
      'subject=ada',
    ],
  ])('can be about %s', async (_what, sub_id, target) => {
    chat = await openWithSignals();
    const ada = await chat.join(earlier({ org: 'acme', jti: 't-ada' }));
    const bob = await chat.join(earlier({ org: 'globex', sub: 'bob', jti: 't-bob' }));
    expect((await push(chat, eventToken({ claims: { sub_id } }))).status).toBe(202);
    expect(await ada.closed()).toMatchObject(revoked);
    await echoes(bob);
    expect(chat.named('signal.accepted')).toMatchObject([{ target, affected: 1 }]);
  });

  it('touches nobody of the same name in another tenant', async () => {
    chat = await openWithSignals();
    const here = await chat.join(earlier({ org: 'acme' }));
    const there = await chat.join(earlier({ org: 'globex' }));
    const sub_id = { format: 'complex', user: user('ada'), tenant: { format: 'opaque', id: 'acme' } };
    await push(chat, eventToken({ claims: { sub_id } }));
    expect(await here.closed()).toMatchObject(revoked);
    await echoes(there);
  });

  it('is good where the subject has nothing open, and holds when it comes', async () => {
    chat = await openWithSignals();
    const sub_id = user('nobody');
    expect((await push(chat, eventToken({ claims: { sub_id } }))).status).toBe(202);
    expect(chat.named('signal.accepted')).toMatchObject([{ affected: 0 }]);
    expect(await chat.knock(earlier({ sub: 'nobody' }))).toMatchObject({ status: 401 });
  });

  it.each([
    ['an event of another kind', { events: { 'https://example.com/event': {} } }],
    ['a credential that was added', { events: { [`${CAEP}credential-change`]: { change_type: 'create' } } }],
    [
      'a user in a format that names nobody here',
      { sub_id: { format: 'phone_number', phone_number: '+12065550100' } },
    ],
    ['a user by mail, where that is no subject', { sub_id: { format: 'email', email: 'ada' } }],
    ['a user of another issuer', { sub_id: user('ada', 'https://other.example.com') }],
    ['a device', { sub_id: { format: 'complex', device: user('ada') } }],
    [
      'a group of a tenant',
      { sub_id: { format: 'complex', tenant: { format: 'opaque', id: 'acme' }, group: user('g') } },
    ],
  ])('from which nothing follows is acknowledged, and said: %s', async (_what, claims) => {
    chat = await openWithSignals();
    const ada = await chat.join(earlier({ org: 'acme' }));
    expect((await push(chat, eventToken({ claims }))).status).toBe(202);
    expect(chat.named('signal.ignored')).toHaveLength(1);
    expect(chat.named('signal.accepted')).toEqual([]);
    await echoes(ada);
  });

  it('that only tries the stream is acknowledged, and ends nothing', async () => {
    chat = await openWithSignals();
    const ada = await chat.join(earlier());
    const events = { [`${SSF}verification`]: { state: 'abc' } };
    const sub_id = { format: 'opaque', id: 'stream-1' };
    expect((await push(chat, eventToken({ claims: { events, sub_id } }))).status).toBe(202);
    await echoes(ada);
    expect(chat.named('signal.accepted')).toMatchObject([{ type: `${SSF}verification`, affected: 0 }]);
  });

  it('names users by mail where the configuration says so', async () => {
    chat = await openWithSignals({ subjects: { identities: ['staff'], user: ['email'] } });
    const ada = await chat.join(earlier({ sub: 'ada@example.com' }));
    const sub_id = { format: 'email', email: 'ada@example.com' };
    expect((await push(chat, eventToken({ claims: { sub_id } }))).status).toBe(202);
    expect(await ada.closed()).toMatchObject(revoked);
  });

  it('ends no session that another identity let in', async () => {
    chat = await openWithSignals({ subjects: { identities: ['visitors'] } });
    const ada = await chat.join(earlier());
    expect((await push(chat, eventToken())).status).toBe(202);
    await echoes(ada);
  });

  it('of an old transmitter may have its subject in the event', async () => {
    chat = await openWithSignals();
    const ada = await chat.join(earlier());
    const events = { [`${RISC}account-disabled`]: { subject: user('ada') } };
    await push(chat, eventToken({ claims: { sub_id: undefined, events } }));
    expect(await ada.closed()).toMatchObject(revoked);
  });

  it('follows the configuration', async () => {
    chat = await openWithSignals();
    chat.rewrite((config) => Object.assign(config, { signals: {} }));
    expect((await chat.ask('POST', '/reload')).status).toBe(200);
    const { status, body } = await push(chat, eventToken());
    expect([status, body.err]).toEqual([400, 'invalid_issuer']);
  });
});

describe('a transmitter that describes itself', () => {
  const rsa = newRsaSigner();
  let provider: Provider;

  beforeEach(async () => {
    provider = await Provider.listen(saying({}));
  });

  afterEach(() => provider.close());

  const open = (path: string, names: string) => {
    const issuer = provider.url + path;
    provider.behave(
      routing({
        [`/.well-known/ssf-configuration${path}`]: saying({
          issuer: names,
          jwks_uri: `${provider.url}/jwks`,
        }),
        '/jwks': saying(keySetText(rsa)),
      }),
    );
    return openWithSignals({ issuer, jwks: undefined, algorithms: ['RS256'] });
  };
  const send = (path: string) => {
    const issuer = provider.url + path;
    const claims = { iss: issuer, sub_id: user('ada', issuer) };
    return push(chat, eventToken({ signer: rsa, claims }));
  };

  it.each(['', '/tenants/1'])('is found by its issuer, with a path "%s"', async (path) => {
    chat = await open(path, provider.url + path);
    const ada = await chat.join(earlier());
    expect((await send(path)).status).toBe(202);
    expect(await ada.closed()).toMatchObject(revoked);
    expect(provider.asked).toEqual([`/.well-known/ssf-configuration${path}`, '/jwks']);
  });

  it('as another is not believed', async () => {
    chat = await open('', 'https://other.example.com');
    expect((await send('')).status).toBe(503);
    const reason = expect.stringContaining('names another issuer');
    expect(await chat.check('signals')).toMatchObject({ healthy: false, reason });
  });
});

it('says in health that a transmitter cannot be judged, and asks for the token again', async () => {
  chat = await openWithSignals({ jwks: 'http://127.0.0.1:1/jwks' });
  const ada = await chat.join(earlier());
  expect(await push(chat, eventToken())).toMatchObject({
    status: 503,
    headers: { 'retry-after': expect.any(String) },
  });
  expect(await chat.check('signals')).toMatchObject({
    healthy: false,
    reason: expect.stringMatching(/^idp: no keys/),
  });
  await echoes(ada);
});
