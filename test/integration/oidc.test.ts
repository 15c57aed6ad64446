import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { jwt } from '../../src/identity/jwt.ts';
import { bearing } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf, principalOf, type TestContext } from '../support/identity.ts';
import { newSigner, type Signer } from '../support/tokens.ts';

/** A real OpenID provider on a port of its own, whose keys can be changed as an operator would. */
class Issuer {
  readonly url: string;
  readonly asked: string[] = [];
  readonly #server: Server;
  #handle: ReturnType<Provider['callback']>;

  private constructor(server: Server, signers: readonly Signer[]) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#handle = providerOf(this.url, signers);
    server.on('request', (request, response) => {
      this.asked.push(request.url ?? '');
      void this.#handle(request, response);
    });
  }

  static async start(...signers: readonly Signer[]): Promise<Issuer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Issuer(server, signers);
  }

  /** The first one signs; the others are still published. */
  rotate(...signers: readonly Signer[]): void {
    this.#handle = providerOf(this.url, signers);
  }

  /** An access token for a resource, by client credentials. */
  async token(resource: string): Promise<string> {
    const response = await fetch(`${this.url}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('backend:backend-secret')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'chat:send chat:read', resource }),
    });
    const { access_token: token } = (await response.json()) as { access_token?: string };
    if (token === undefined) throw new Error(`no token: ${response.status}`);
    return token;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function providerOf(url: string, signers: readonly Signer[]) {
  const configuration: Configuration = {
    jwks: {
      keys: signers.map(({ jwk, privateKey }) => ({
        ...jwk,
        ...privateKey.export({ format: 'jwk' }),
      })) as never,
    },
    clients: [
      {
        client_id: 'backend',
        client_secret: 'backend-secret',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    ttl: { ClientCredentials: 600 },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({
          scope: 'chat:send chat:read',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  };
  return new Provider(url, configuration).callback();
}

const CHAT = 'https://chat.example.com';
const old = newSigner('2026-01');
const next = newSigner('2026-02');
let issuer: Issuer;

beforeAll(async () => {
  // The provider warns that its tokens live in memory, which is the point here.
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  vi.spyOn(console, 'info').mockImplementation(() => {});
  issuer = await Issuer.start(old);
});

afterAll(() => issuer.stop());

const options = () => ({
  issuer: issuer.url,
  audience: CHAT,
  algorithms: ['ES256'],
  claims: { subject: 'sub', roles: 'scope' },
});

test('discovers the keys and accepts what the provider issues', async () => {
  const identity = identityOf(jwt, options());
  await identity.prepare?.();
  expect(issuer.asked).toEqual(['/.well-known/openid-configuration', '/jwks']);
  expect(identity.health?.()).toBeUndefined();
  const principal = await principalOf(identity, bearing(await issuer.token(CHAT)));
  expect(principal).toMatchObject({ subject: 'backend', roles: ['chat:send', 'chat:read'] });
  expect(principal.tokenId).toMatch(/^[\w-]{20,}$/);
});

test('refuses what it issues for another resource', async () => {
  const identity = identityOf(jwt, options());
  const token = await issuer.token('https://billing.example.com');
  expect(await answerOf(identity, bearing(token))).toBe('credential_invalid');
});

test('follows a rotation: both keys while both are published, then the new one alone', async () => {
  const context = identityContext();
  const identity = identityOf(jwt, options(), context);
  const before = bearing(await issuer.token(CHAT));
  expect(await answerOf(identity, before)).toBe('accepted');

  issuer.rotate(next, old);
  const after = bearing(await issuer.token(CHAT));
  context.clock.pass(30_000);
  expect(await answerOf(identity, after)).toBe('accepted');
  expect(await answerOf(identity, before)).toBe('accepted');

  issuer.rotate(next);
  // At half the age that a set may have, the provider is asked anew, behind the back of whoever comes first.
  context.clock.pass(500_000);
  expect(await answerOf(identity, before)).toBe('accepted');
  await vi.waitFor(() => expect(refreshes(context)).toBe(3));
  expect(await answerOf(identity, before)).toBe('credential_invalid');
  expect(await answerOf(identity, after)).toBe('accepted');
});

function refreshes({ said }: TestContext): number {
  return said.filter(({ name }) => name === 'keys.refreshed').length;
}

test('when the provider is gone, its keys serve on for their time, and health says so', async () => {
  const other = await Issuer.start(old);
  const context = identityContext();
  const keys = { maxAge: '1m', staleIfError: '2m' };
  const identity = identityOf(jwt, { ...options(), issuer: other.url, keys }, context);
  const tokens = await Promise.all([1, 2, 3].map(() => other.token(CHAT)));
  const [first, second, third] = tokens.map((token) => bearing(token));
  expect(await answerOf(identity, first!)).toBe('accepted');
  await other.stop();
  context.clock.pass(90_000);
  expect(await answerOf(identity, second!)).toBe('accepted');
  expect(identity.health?.()).toMatch(/^the keys are stale: /);
  context.clock.pass(120_000);
  expect(await answerOf(identity, third!)).toBe('identity_unavailable');
});
