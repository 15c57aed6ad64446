/** Where a Redis or Valkey server is, or several that belong together. */
export interface RedisPlace {
  /** One server; a cluster, of which these nodes know the others; or sentinels, which know who the master is. */
  readonly form: 'server' | 'cluster' | 'sentinel';
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly database: number;
  /** Of sentinels: what they call the master. */
  readonly name?: string;
  /** How long one command may take, in milliseconds; half a second where absent. */
  readonly timeout?: number;
  /** What they want to hear themselves; often nothing. */
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
}

const URL_FORM =
  /^(?<tls>rediss?)(?:\+(?<form>cluster|sentinel))?:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^@/?#]+)(?:\/(?<database>\d{0,4}))?(?:\?(?<query>[^#]*))?$/;
const HOST_FORM = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d{1,5}))?$/;
const MAX_NODES = 32;

/**
 * Reads `redis://[user][:password]@host[:port][/database]`; `rediss` for TLS; `redis+cluster://` and
 * `redis+sentinel://` with several hosts between commas, the latter with `?name=`, and `&sentinelUsername=` and
 * `&sentinelPassword=` where the sentinels ask for them; with `?timeout=`, in milliseconds. A fault is returned as a sentence, which never repeats the text:
 * there may be a password in it.
 */
export function parseRedisPlace(text: string): RedisPlace | string {
  const parts = URL_FORM.exec(text)?.groups;
  if (!parts)
    return 'is not a URL like redis://127.0.0.1:6379, redis+cluster://a,b,c or redis+sentinel://a,b,c?name=main';
  const form = (parts.form ?? 'server') as 'server' | 'cluster' | 'sentinel';
  const nodes = (parts.hosts ?? '')
    .split(',')
    .map((host) => nodeOf(host, form === 'sentinel' ? 26_379 : 6_379));
  if (nodes.some((node) => node === undefined))
    return 'has a host that is not a name or an address with a port';
  if (nodes.length > MAX_NODES) return `names more than ${MAX_NODES} hosts`;
  if (form === 'server' && nodes.length > 1)
    return 'names several hosts: say redis+cluster:// or redis+sentinel://';
  const query = new URLSearchParams(parts.query);
  const keys = form === 'sentinel' ? [...KEYS, ...SENTINEL_KEYS] : KEYS;
  const unknown = [...query.keys()].find((key) => !keys.includes(key));
  if (unknown !== undefined) return `does not know the parameter ${JSON.stringify(unknown)}`;
  const name = query.get('name') ?? undefined;
  if (form === 'sentinel' && !name) return 'must say what the sentinels call the master: ?name=…';
  const timeout = query.has('timeout') ? Number(query.get('timeout')) : undefined;
  if (timeout !== undefined && !(timeout >= 50 && timeout <= 10_000))
    return 'has a timeout that is not 50 to 10000 milliseconds';
  const database = Number(parts.database || 0);
  if (form === 'cluster' && database !== 0) return 'names a database, and a cluster has only the first';
  try {
    return compact({
      form,
      nodes: nodes as RedisPlace['nodes'],
      tls: parts.tls === 'rediss',
      username: decodeURIComponent(parts.user ?? ''),
      password: decodeURIComponent(parts.password ?? ''),
      database,
      timeout,
      name,
      sentinelUsername: query.get('sentinelUsername'),
      sentinelPassword: query.get('sentinelPassword'),
    });
  } catch {
    return 'has a user or a password with a % that begins no escape';
  }
}

const KEYS = ['timeout'];
const SENTINEL_KEYS = ['name', 'sentinelUsername', 'sentinelPassword'];

function nodeOf(text: string, usual: number): RedisPlace['nodes'][number] | undefined {
  const parts = HOST_FORM.exec(text)?.groups;
  const port = Number(parts?.port ?? usual);
  const host = parts?.v6 ?? parts?.name;
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

/** Without what was not given. */
function compact(
  place: { readonly [K in keyof RedisPlace]-?: RedisPlace[K] | null | undefined },
): RedisPlace {
  // The members that RedisPlace demands are never empty.
  return Object.fromEntries(
    Object.entries(place).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  ) as unknown as RedisPlace;
}
