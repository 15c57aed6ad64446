import { z } from 'zod';
import { DIALECT_KINDS } from '../dialects/kinds.ts';
import { FORWARDABLE } from '../identity/forward.ts';
import type { GuardKind } from '../pipeline/guard.ts';
import { ALWAYS_PASSED } from '../pipeline/route.ts';
import { duration, size } from '../pipeline/units.ts';
import { TOKEN } from '../protocol/tokens.ts';
import { assembleRoute, type Parsed } from './assemble.ts';
import { name } from './name.ts';
import { oneKind } from './one-kind.ts';

const positive = duration.refine((ms) => ms > 0, 'a duration longer than nothing');

const host = z
  .string()
  .regex(
    /^(?!.*\.\.)[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?$|^\[[0-9a-f:.]+\]$/,
    'a host in lower case, without a port',
  );

const path = z
  .string()
  .max(2_048)
  .regex(/^\/(?:[\w\-.~!$&'()+,;=:@/]|%[0-9A-F]{2})*\*?$/, {
    message: 'a path that starts with "/", or a prefix that ends in "/*"',
    abort: true,
  })
  .refine(isNormal, 'a path in normal form: no "//", no "." or "..", and "*" only as the last segment');

function isNormal(text: string): boolean {
  const plain = text.endsWith('/*') ? text.slice(0, -1) : text;
  return !plain.includes('*') && !/\/\/|\/\.{1,2}(\/|$)/.test(plain);
}

const subprotocol = z
  .string()
  .max(128)
  .regex(TOKEN, { message: 'a subprotocol name (RFC 9110 token)', abort: true })
  .refine(
    (name) => !/^(bearer|ticket|sallyport)\./i.test(name),
    'a name that does not start with "bearer." or "ticket.", which mark a credential, or with "sallyport."',
  );

const protocol = z.union([
  subprotocol.describe('The name of the subprotocol.'),
  z.strictObject({
    name: subprotocol.describe('The name of the subprotocol.'),
    deprecated: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe(
        'Marks this version as deprecated: uses are counted, and clients are told this text at connect.',
      ),
  }),
]);

/** Header fields that frame the request or that the gateway speaks for itself: nothing is forwarded under them. */
const RESERVED =
  /^(host|connection|upgrade|te|trailer|transfer-encoding|content-length|expect|keep-alive|proxy-.*|http2-settings|sec-websocket-.*|forwarded|x-forwarded-.*|x-real-ip)$/i;

const headerName = z
  .string()
  .max(128)
  .regex(TOKEN, { message: 'a header name (RFC 9110 token)', abort: true })
  .refine((name) => !RESERVED.test(name), 'a header that the gateway does not write itself');

/** Where there is nothing to tell, a header that clients send anyway would stand in for it. */
const forwardName = headerName.refine(
  (name) => !ALWAYS_PASSED.includes(name.toLowerCase()),
  `a header that no client may send: the upstream always gets their ${ALWAYS_PASSED.join(', ')}`,
);

/** A header for each field of a principal that the upstream may be told. */
const forward = Object.fromEntries(
  FORWARDABLE.map((field) => [
    field,
    forwardName
      .optional()
      .describe(`The header in which the upstream gets the ${field} of who is connected.`),
  ]),
);

const upstream = z.strictObject({
  url: z
    .string()
    .transform((text, context) => {
      const url = upstreamUrl(text);
      if (url) return url;
      context.addIssue({
        code: 'custom',
        message: 'a URL like ws://127.0.0.1:9000/path or wss://backend.internal',
      });
      return z.NEVER;
    })
    .describe(
      'Where the route leads: ws: or wss:. Without a path, the client’s own is kept; otherwise this one, and behind it what "/*" matched.',
    ),
  forward: z
    .strictObject(forward)
    .refine((names) => areDistinct(Object.values(names)), 'a header of its own for each field')
    .prefault({})
    .describe('What the upstream is told of who is connected, as headers that no client can send.'),
  passHeaders: z
    .array(headerName.transform((name) => name.toLowerCase()))
    .max(64)
    .prefault([])
    .describe('Client headers that the upstream also gets; all others stay outside.'),
  connectTimeout: positive.prefault('5s').describe('How long TCP and TLS to the upstream may take.'),
  handshakeTimeout: positive
    .prefault('10s')
    .describe('How long the upstream may take to answer the upgrade.'),
  ca: z
    .string()
    .min(1)
    .optional()
    .describe('A PEM file with what to trust for wss: in place of the system’s authorities.'),
});

function areDistinct(names: readonly (string | undefined)[]): boolean {
  const given = names.flatMap((name) => name?.toLowerCase() ?? []);
  return new Set(given).size === given.length;
}

/** `ws:` or `wss:`, and nothing in it that a backend would not see (fragment) or should not (credentials). */
function upstreamUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^wss?:$/.test(url.protocol) || url.hostname === '') return undefined;
  const extra = url.username || url.password || url.hash || url.search;
  return extra === '' ? url : undefined;
}

const lifetime = z.strictObject({
  idle: positive
    .optional()
    .describe('Ends a connection on which nothing was said for so long. Left out: never.'),
  maximum: positive.optional().describe('Ends a connection of this age. Left out: never.'),
  heartbeat: positive
    .prefault('30s')
    .describe('How often the gateway pings both sides; a peer that misses two is gone.'),
  refreshGrace: duration
    .prefault('0s')
    .describe('How long a connection may outlive its credential while the client fetches a new one.'),
  slowConsumer: positive
    .prefault('10s')
    .describe('How long a peer may fail to read what it is sent before it is closed as too slow.'),
  closeTimeout: positive.prefault('5s').describe('How long a peer has to answer a Close.'),
});

const tickets = z.strictObject({
  lifetime: duration
    .prefault('30s')
    .refine((ms) => ms >= 1_000 && ms <= 30_000, 'from 1s to 30s')
    .describe('How long a ticket is good.'),
});

const refresh = z.strictObject({
  widen: z
    .boolean()
    .default(false)
    .describe(
      'Whether a new credential may bring rights that the session did not have. If not, a message needs to be allowed by both.',
    ),
});

const resume = z.strictObject({
  window: duration
    .refine((ms) => ms >= 1_000 && ms <= 3_600_000, 'from 1s to 1h')
    .prefault('30s')
    .describe('How long a session waits for its client.'),
  maxMessages: z
    .int()
    .min(1)
    .max(100_000)
    .default(1_000)
    .describe('How many messages of the backend, not yet seen by the client, are kept for it.'),
  maxBytes: size
    .refine((bytes) => bytes >= 1_024 && bytes <= 67_108_864, 'from 1KiB to 64MiB')
    .prefault('1MiB')
    .describe('How much these may be together; what is older is forgotten, and the client told so.'),
});

/** What every route has, whatever guards there are. Sections are merged with those of the guards. */
export const CORE = {
  name: name.describe('The name of the route, as in logs, metrics and the admin API.'),
  match: z
    .strictObject({
      host: host.optional().describe('Only this host; left out, any.'),
      path: path.describe(
        'This path exactly, or with "/*" at its end everything below it: "/ocpp/*" is neither "/ocpp" nor "/ocpp/", "/*" is every path.',
      ),
    })
    .describe(
      'Which upgrades take this route: a named host before any, an exact path before the longest prefix.',
    ),
  identify: z
    .array(z.string())
    .min(1)
    .max(16)
    .describe('The identities that are asked, in order; the first that is responsible decides.'),
  protocols: z
    .array(protocol)
    .max(32)
    .prefault([])
    .describe(
      'The subprotocols of the route, most wanted first, whatever order a client has; the upstream may choose another of them. Left out: none is negotiated.',
    ),
  upstream: upstream.describe('The backend behind the route.'),
  dialect: oneKind(DIALECT_KINDS, 'dialect')
    .prefault({ raw: {} })
    .describe('What a message is, so that types can be told apart and refusals be phrased. Left out: raw.'),
  messages: {
    onInvalid: z
      .enum(['answer', 'drop', 'close'])
      .prefault('answer')
      .describe(
        'What becomes of a refused message: its sender is told, nothing is said, or the connection ends.',
      ),
    compression: z
      .enum(['off', 'inflate'])
      .prefault('off')
      .describe(
        'Whether clients may compress (permessage-deflate). Messages are inflated, judged and sent on plain.',
      ),
  },
  tickets: tickets
    .optional()
    .describe(
      'Gives tickets: POST /.well-known/sallyport/tickets with a credential answers with one, and it opens one socket in place of the credential. Left out, there are none.',
    ),
  refresh: refresh
    .optional()
    .describe(
      'Takes a new credential for an open session: POST /.well-known/sallyport/sessions/{id}/refresh. Left out, it is not taken in this way.',
    ),
  resume: resume
    .optional()
    .describe(
      'Keeps the session of a client that was lost, so that one that speaks the session protocol comes back to the same upstream connection and gets what it missed. Left out: a connection that is lost ends its session.',
    ),
  lifetime: lifetime.prefault({}).describe('How long connections of this route may last.'),
  observe: z.array(z.string()).prefault([]),
};

/** A route as parsed: what every route has, and (by the same names) what its guards read. */
export type Route = Parsed<typeof CORE>;

/**
 * The schema of a route: the core, and what these guards read of it.
 *
 * @throws Error if two of them own the same key.
 */
export function routeOf(guards: readonly GuardKind[]): z.ZodType<Route> {
  const observe = z
    .array(z.enum(guards.map((kind) => kind.name)))
    .prefault([])
    .describe('Guards that judge, count and log here, but let pass.');
  return assembleRoute([
    { owner: 'the core', fragment: { ...CORE, observe } },
    ...guards.map((kind) => ({ owner: `guard ${kind.name}`, fragment: kind.options })),
  ]) as unknown as z.ZodType<Route>;
}
