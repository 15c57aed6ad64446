import { randomBytes } from 'node:crypto';
import { type Login, withParameter } from '../login.ts';
import type { Target } from '../target.ts';

/** What differs from a right upgrade request (RFC 6455 §4.1). */
export interface Change {
  readonly method?: string;
  /** The request target. */
  readonly target?: string;
  /** `HTTP/1.1` where absent. */
  readonly version?: string;
  /** By name: replaced by one value, by several fields, or left out. Names that the upgrade has not are added. */
  readonly fields?: Readonly<Record<string, string | readonly string[] | null>>;
  /** Lines put behind the fields as they are, each without its CRLF. */
  readonly lines?: readonly string[];
  /** Bytes behind the header, in the same write. */
  readonly rest?: Buffer;
  /** In place of the token that the user gave; null: none. */
  readonly token?: string | null;
}

/** An upgrade request, and the key that its answer must match. */
export interface Request {
  readonly bytes: Buffer;
  readonly key: string;
}

/** Writes an upgrade request with these changes, right or wrong. */
export function upgradeRequest(target: Target, login: Login, change: Change = {}): Request {
  const key = randomBytes(16).toString('base64');
  const token = change.token === undefined ? login.token : change.token;
  const whole = typeof token === 'string' ? withToken(change, token, target, login) : change;
  const fields = new Map<string, string | readonly string[] | null>([
    ['Host', target.authority],
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Key', key],
    ['Sec-WebSocket-Version', '13'],
    ['User-Agent', 'sallyport-audit'],
    ...login.always,
    ...Object.entries(whole.fields ?? {}),
  ]);
  const lines = [...fields].flatMap(([name, value]) => linesOf(name, value));
  const first = `${whole.method ?? 'GET'} ${whole.target ?? target.path} ${whole.version ?? 'HTTP/1.1'}`;
  const head = Buffer.from([first, ...lines, ...(whole.lines ?? []), '', ''].join('\r\n'), 'latin1');
  return { bytes: whole.rest ? Buffer.concat([head, whole.rest]) : head, key };
}

/** The same change with the token where the user wants it, unless the change speaks for that place itself. */
function withToken(change: Change, token: string, target: Target, { place, always }: Login): Change {
  switch (place.kind) {
    case 'header':
      return { ...change, fields: { Authorization: `Bearer ${token}`, ...change.fields } };
    case 'cookie':
      return { ...change, fields: { Cookie: `${place.name}=${token}`, ...change.fields } };
    case 'query':
      return { ...change, target: withParameter(change.target ?? target.path, place.name, token) };
    case 'subprotocol': {
      const offered = always.find(([name]) => name === PROTOCOLS)?.[1] ?? [];
      const protocols = [...[change.fields?.[PROTOCOLS] ?? offered].flat(), `bearer.${token}`].join(', ');
      return { ...change, fields: { ...change.fields, [PROTOCOLS]: protocols } };
    }
  }
}

const PROTOCOLS = 'Sec-WebSocket-Protocol';

function linesOf(name: string, value: string | readonly string[] | null): string[] {
  if (value === null) return [];
  return [value].flat().map((each) => `${name}: ${each}`);
}
