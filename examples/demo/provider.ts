import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import type { Provider } from 'oidc-provider';

/** What the chat service is called at the provider; tokens are made out to it. */
export const AUDIENCE = 'chat';

const RESOURCE = 'urn:sallyport:chat';

/** People of the demonstration. The provider knows each as a client, so that no login page stands in the way. */
export const PEOPLE = {
  alice: { tenant: 'acme', roles: ['member'], rooms: ['lobby', 'engineering'], seconds: 600 },
  bob: { tenant: 'acme', roles: ['member'], rooms: ['lobby'], seconds: 600 },
  mallory: { tenant: 'evil', roles: ['member'], rooms: ['lobby'], seconds: 600 },
  /** Gets tokens that run out while we watch. */
  late: { tenant: 'acme', roles: ['member'], rooms: ['lobby'], seconds: 3 },
} as const;

export type Person = keyof typeof PEOPLE;

export interface RunningProvider {
  readonly issuer: string;
  /** A fresh access token, asked of the token endpoint as any client would. */
  token(person: Person): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a real OpenID provider on loopback: discovery, key set and token endpoint. */
export async function startProvider(): Promise<RunningProvider> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const secrets = new Map(Object.keys(PEOPLE).map((person) => [person, crypto.randomUUID()]));
  const options = await configuration(secrets);
  const provider = await silently(async () => {
    const { Provider } = await import('oidc-provider');
    return new Provider(issuer, options);
  });
  server.on('request', provider.callback());
  return {
    issuer,
    token: (person) => askToken(issuer, person, secrets.get(person) ?? ''),
    stop: () => stop(server),
  };
}

/** The provider warns on the console that its keys and tokens live in memory: here that is the point. */
async function silently<T>(make: () => Promise<T>): Promise<T> {
  const { warn, info } = console;
  Object.assign(console, { warn: () => {}, info: () => {} });
  try {
    return await make();
  } finally {
    Object.assign(console, { warn, info });
  }
}

async function configuration(
  secrets: ReadonlyMap<string, string>,
): Promise<ConstructorParameters<typeof Provider>[1]> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: 'demo', alg: 'ES256', use: 'sig' };
  return {
    jwks: { keys: [key] },
    clients: [...secrets].map(([client_id, client_secret]) => ({
      client_id,
      client_secret,
      grant_types: ['client_credentials'],
      response_types: [],
      id_token_signed_response_alg: 'ES256' as const,
      redirect_uris: [],
    })),
    ttl: { ClientCredentials: (_ctx, token) => PEOPLE[token.clientId as Person].seconds },
    cookies: { keys: [crypto.randomUUID()] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: 'chat',
          audience: AUDIENCE,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    extraTokenClaims: (_ctx, token) => {
      const { tenant, roles, rooms } = PEOPLE[token.clientId as Person];
      return { org: tenant, roles, rooms };
    },
  };
}

async function askToken(issuer: string, person: Person, secret: string): Promise<string> {
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${person}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'chat', resource: RESOURCE }),
  });
  const body = (await answer.json()) as { access_token?: string; error_description?: string };
  if (body.access_token === undefined)
    throw new Error(`the provider gave no token: ${body.error_description}`);
  return body.access_token;
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
