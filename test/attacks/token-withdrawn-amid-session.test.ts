// JK-15: a token that its issuer withdraws ends the session that it opened, within the time of `recheck`.
import { afterEach, expect, it } from 'vitest';
import { Chat, echoes } from '../support/chat.ts';
import { answerFor, introspecting, type Question } from '../support/introspection.ts';
import { leap } from '../support/leap.ts';
import { Provider } from '../support/provider.ts';
import { askWellKnown, showing } from '../support/well-known.ts';

let chat: Chat;
let provider: Provider;

afterEach(async () => {
  await chat.close();
  await provider.close();
});

const bringing = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

async function open(more: object = {}, route: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const withdrawn = new Set<string>();
  provider = await Provider.listen(answering(withdrawn));
  withdraw = (token) => void withdrawn.add(token);
  const staff = {
    introspection: {
      endpoint: `${provider.url}/introspect`,
      clientId: 'gateway',
      clientSecret: 'a secret',
      cacheFor: '10m',
      recheck: '60s',
      ...more,
    },
  };
  chat = await Chat.open({ config: { identities: { staff } }, route });
}

let withdraw: (token: string) => void;

const answering = (withdrawn: ReadonlySet<string>) =>
  introspecting(({ token }: Question) =>
    withdrawn.has(token) ? { active: false } : answerFor({ sub: token, jti: token }),
  );

it('ends that session, and not another, whatever was remembered', async () => {
  await open();
  const [first, second] = [await chat.join({}, bringing('one')), await chat.join({}, bringing('two'))];
  withdraw('one');
  await echoes(first);
  leap(61_000);
  expect(await first.closed()).toMatchObject({ code: 4500, reason: 'session_revoked' });
  await echoes(second);
  expect(chat.named('credential.refused')).toMatchObject([{ by: 'provider', subject: 'one' }]);
  expect(await chat.knock({}, bringing('one'))).toMatchObject({ status: 401 });
});

it('ends also a session that a ticket has opened', async () => {
  await open({}, { tickets: {} });
  const { body } = await askWellKnown(chat, '/tickets', { path: '/chat' }, bringing('one').headers);
  const peer = await chat.join({}, showing(body.ticket));
  withdraw('one');
  leap(61_000);
  expect(await peer.closed()).toMatchObject({ code: 4500, reason: 'session_revoked' });
});

it('asks on after a reload', async () => {
  await open();
  const peer = await chat.join({}, bringing('one'));
  chat.rewrite((config) => Object.assign(config, { drain: { window: '5s' } }));
  expect(await chat.gateway.gateway.reload()).toMatchObject({ done: true });
  withdraw('one');
  leap(61_000);
  expect(await peer.closed()).toMatchObject({ code: 4500 });
});

it('while the provider is away the session goes on, until its token runs out', async () => {
  await open();
  const peer = await chat.join({}, bringing('one'));
  withdraw('one');
  provider.behave((_, response) => response.writeHead(500).end());
  leap(61_000);
  await chat.gateway.logged('credential.refused', ({ code }) => code === 'identity_unavailable');
  await echoes(peer);
  leap(901_000);
  expect(await peer.closed()).toMatchObject({ code: 3000, reason: 'session_expired' });
});

it('is not asked at all where nobody wants that', async () => {
  await open({ recheck: undefined });
  const peer = await chat.join({}, bringing('one'));
  leap(61_000);
  await echoes(peer);
  expect(provider.asked).toHaveLength(1);
});
