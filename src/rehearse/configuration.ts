import { stringify } from 'yaml';

/** What the configuration of a stage depends on. */
export interface Places {
  readonly provider: string;
  readonly backend: string;
  readonly adminToken: string;
  /** Undefined: each node remembers for itself. */
  readonly redis: string | undefined;
}

export const AUDIENCE = 'rehearsal';

type Section = Readonly<Record<string, unknown>>;

/**
 * The configuration of every node of a stage: a listener behind a balancer, tokens of the provider, one route. Its times are
 * those of an outage in small: keys are old after four seconds, not after ten minutes. What a rehearsal says itself goes over it.
 */
export function configurationOf({ provider, backend, adminToken, redis }: Places, over: Section): string {
  const whole = {
    listeners: {
      public: {
        address: '127.0.0.1:0',
        tls: { certificates: [{ cert: 'cert.pem', key: 'key.pem' }] },
        trustedProxies: ['127.0.0.1/32'],
        proxyProtocol: true,
        limits: { connections: 5_000, perAddress: { connections: 20, handshakes: '20/s' } },
      },
    },
    admin: { address: '127.0.0.1:0', token: adminToken },
    ...(redis !== undefined && { state: { redis } }),
    identities: {
      people: {
        jwt: {
          issuer: provider,
          audience: AUDIENCE,
          algorithms: ['ES256'],
          jwks: `${provider}/jwks`,
          keys: { ca: 'ca.pem', maxAge: '4s', cooldown: '1s', timeout: '2s' },
        },
      },
    },
    routes: [
      {
        name: 'chat',
        match: { path: '/chat' },
        origins: 'none-required',
        identify: ['people'],
        upstream: { url: backend },
        dialect: { json: { type: '/type', id: '/id', refusal: '{"type":"error","code":{code}}' } },
        messages: { maxBytes: '16KiB' },
        authorize: [{ allow: 'true' }],
        limits: { perConnection: { messages: '20/s', burst: 40 } },
        lifetime: { heartbeat: '5s' },
      },
    ],
  };
  return stringify(merged(whole, over));
}

/** Mappings are joined, anything else is replaced; a list of mappings is joined entry by entry. */
function merged(below: unknown, over: unknown): unknown {
  if (Array.isArray(below) && Array.isArray(over) && over.every(isSection))
    return [...over.map((each, i) => merged(below[i], each)), ...below.slice(over.length)];
  if (!isSection(below) || !isSection(over)) return over;
  const names = new Set([...Object.keys(below), ...Object.keys(over)]);
  return Object.fromEntries(
    [...names].map((name) => [name, name in over ? merged(below[name], over[name]) : below[name]]),
  );
}

function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
