import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { introspection } from '../../src/identity/introspection.ts';
import { Chat, echoes } from '../support/chat.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf, principalOf } from '../support/identity.ts';
import { leap } from '../support/leap.ts';
import type { UpgradeRefused } from '../support/raw-client.ts';
import { askWellKnown } from '../support/well-known.ts';

const CHAT = 'https://chat.example.com';
const BILLING = 'https://billing.example.com';

/** A real OpenID provider whose tokens are opaque: it alone knows what they mean. */
class Issuer {
  readonly url: string;
  readonly provider: Provider;
  questions = 0;
  /** Answers in place of the provider, where it is set. */
  fault: ((response: ServerResponse) => void) | undefined;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.provider = new Provider(this.url, configuration);
    const handle = this.provider.callback();
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (request.url === '/token/introspection') this.questions++;
      if (this.fault) this.fault(response);
      else void handle(request, response);
    });
  }

  static async start(): Promise<Issuer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Issuer(server);
  }

  /** An access token for a resource, by client credentials. */
  async token(resource: string): Promise<string> {
    const form = { grant_type: 'client_credentials', scope: 'chat:send chat:read', resource };
    const { access_token: token } = await this.#post('/token', form);
    if (typeof token !== 'string') throw new Error('no token');
    return token;
  }

  async revoke(token: string): Promise<void> {
    await this.#post('/token/revocation', { token });
  }

  /** A refresh token as a browser might have it; nobody should take it for an access token. */
  async refreshToken(): Promise<string> {
    const { Client, Grant, RefreshToken } = this.provider;
    const client = (await Client.find('backend'))!;
    const grant = new Grant({ clientId: 'backend', accountId: 'ada' });
    const grantId = await grant.save();
    const parts = { client, accountId: 'ada', grantId, gty: 'authorization_code', scope: 'chat:send' };
    return new RefreshToken(parts as ConstructorParameters<typeof RefreshToken>[0]).save();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #post(path: string, form: Record<string, string>): Promise<Record<string, unknown>> {
    const response = await fetch(this.url + path, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('backend:backend-secret')}` },
      body: new URLSearchParams(form),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return text === '' ? {} : JSON.parse(text);
  }
}

const client = { redirect_uris: [], response_types: [] };

const configuration: Configuration = {
  clients: [
    { ...client, client_id: 'backend', client_secret: 'backend-secret', grant_types: ['client_credentials'] },
    { ...client, client_id: 'gate:way', client_secret: '&= +%:', grant_types: [] },
  ],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource) => ({
        scope: 'chat:send chat:read',
        audience: resource,
        accessTokenFormat: 'opaque',
        accessTokenTTL: 600,
      }),
    },
  },
};

let issuer: Issuer;
let chat: Chat | undefined;

beforeAll(async () => {
  // The provider warns that its tokens live in memory, which is the point here.
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  vi.spyOn(console, 'info').mockImplementation(() => {});
  issuer = await Issuer.start();
});

afterEach(async () => {
  issuer.fault = undefined;
  await chat?.close();
  chat = undefined;
});

afterAll(() => issuer.stop());

const options = (changes: object = {}) => ({
  endpoint: `${issuer.url}/token/introspection`,
  clientId: 'gate:way',
  clientSecret: '&= +%:',
  issuer: issuer.url,
  audience: CHAT,
  claims: { subject: 'client_id', roles: 'scope' },
  ...changes,
});

test('accepts what the provider vouches for, with its scope and its end', async () => {
  const context = identityContext();
  const identity = identityOf(introspection, options(), context);
  const token = await issuer.token(CHAT);
  expect(token).toMatch(/^[\w-]{20,}$/);
  const principal = await principalOf(identity, bearing(token));
  expect(principal).toMatchObject({ subject: 'backend', roles: ['chat:send', 'chat:read'] });
  expect(principal.expiresAt).toBe((principal.claims.exp as number) * 1_000);
  expect(identity.health?.()).toBeUndefined();
});

test('refuses what is for another resource, a refresh token, and what was never issued', async () => {
  const identity = identityOf(introspection, options());
  expect(await answerOf(identity, bearing(await issuer.token(BILLING)))).toBe('credential_invalid');
  expect(await answerOf(identity, bearing('never-issued'))).toBe('credential_invalid');
  const refresh = bearing(await issuer.refreshToken());
  const any = { issuer: undefined, audience: undefined };
  expect(await answerOf(identityOf(introspection, options(any)), refresh)).toBe('credential_invalid');
  // The provider does vouch for it: only its type tells what it is.
  const reckless = { ...any, type: 'dangerously-any' };
  expect(await answerOf(identityOf(introspection, options(reckless)), refresh)).toBe('accepted');
});

test('a token that was revoked is refused as soon as what was remembered is too old', async () => {
  const context = identityContext();
  const identity = identityOf(introspection, options(), context);
  const token = await issuer.token(CHAT);
  expect(await answerOf(identity, bearing(token))).toBe('accepted');
  await issuer.revoke(token);
  expect(await answerOf(identity, bearing(token))).toBe('accepted');
  context.clock.pass(10_000);
  expect(await answerOf(identity, bearing(token))).toBe('credential_invalid');
});

test('with a wrong secret nobody gets in, and health says why', async () => {
  const circuit = { failures: 1 };
  const identity = identityOf(introspection, options({ clientSecret: 'wrong', circuit }));
  expect(await answerOf(identity, bearing(await issuer.token(CHAT)))).toBe('identity_unavailable');
  expect(identity.health?.()).toMatch(/answered 401, not 200$/);
});

test('before a backend: 101, 401, and 503 with a Retry-After while the provider is away; metrics and health tell', async () => {
  const circuit = { failures: 2, openFor: '10m' };
  chat = await Chat.open({ config: { identities: { staff: { introspection: options({ circuit }) } } } });
  const bringing = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });
  const token = await issuer.token(CHAT);
  const asked = issuer.questions;
  const storm = await Promise.all(Array.from({ length: 20 }, () => chat!.join({}, bringing(token))));
  for (const peer of storm) await echoes(peer);
  expect(issuer.questions - asked).toBe(1);
  expect(await chat.knock({}, bringing('never-issued'))).toMatchObject({ status: 401 });
  expect(await chat.check('identities')).toMatchObject({ healthy: true });

  issuer.fault = (response) => response.writeHead(503).end();
  for (let i = 0; i < 5; i++) {
    const refused = await chat.knock({}, bringing(`unknown-${i}`));
    expect(refused).toMatchObject({ status: 503 });
    expect(Number((refused as UpgradeRefused).headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(issuer.questions - asked).toBe(1 + 1 + 2);
  const source = `${issuer.url}/token/introspection`;
  expect(chat.named('circuit.opened')).toMatchObject([{ identity: 'staff', source, failures: 2 }]);
  expect(await chat.metric('sallyport_circuit_changes_total', { identity: 'staff', outcome: 'opened' })).toBe(
    1,
  );
  const { healthy, reason } = await chat.check('identities');
  expect([healthy, reason]).toEqual([false, expect.stringMatching(/^staff: the circuit is open: /)]);

  await echoes(storm[0]!);
  for (const peer of storm) peer.destroy();
  expect(JSON.stringify(chat.log)).not.toContain(token);
});

test('before a backend: a session is renewed by a new token, and ends when the provider withdraws that', async () => {
  const staff = { introspection: options({ recheck: '60s' }) };
  chat = await Chat.open({ config: { identities: { staff } }, route: { refresh: {} } });
  const [first, second] = [await issuer.token(CHAT), await issuer.token(CHAT)];
  const peer = await chat.join({}, { headers: { Authorization: `Bearer ${first}` } });
  const { session } = await chat.gateway.logged('session.opened');
  const path = `/sessions/${session}/refresh`;
  const fields = { Authorization: `Bearer ${second}` };
  expect((await askWellKnown(chat, path, { path: '/chat' }, fields)).status).toBe(200);

  await issuer.revoke(first);
  leap(61_000);
  const asked = issuer.questions;
  await vi.waitFor(() => expect(issuer.questions).toBeGreaterThan(asked), { timeout: 5_000 });
  await echoes(peer);

  await issuer.revoke(second);
  leap(122_000);
  expect(await peer.closed()).toMatchObject({ code: 4500, reason: 'session_revoked' });
});
