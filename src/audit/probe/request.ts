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

type Fields = Map<string, string | readonly string[] | null>;

/** Writes an upgrade request with these changes, right or wrong. */
export function upgradeRequest(target: Target, login: Login, change: Change = {}): Request {
  const key = randomBytes(16).toString('base64');
  const fields: Fields = new Map<string, string | readonly string[] | null>([
    ['Host', target.authority],
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Key', key],
    ['Sec-WebSocket-Version', '13'],
    ['User-Agent', 'sallyport-audit'],
    ...login.always,
  ]);
  const token = change.token === undefined ? login.token : change.token;
  const shown = typeof token === 'string' ? show(token, login, change) : change;
  for (const [name, value] of Object.entries(shown.fields ?? {})) fields.set(name, value);
  const lines = [...fields].flatMap(([name, value]) => linesOf(name, value));
  const first = `${change.method ?? 'GET'} ${shown.target ?? target.path} ${change.version ?? 'HTTP/1.1'}`;
  const head = Buffer.from([first, ...lines, ...(change.lines ?? []), '', ''].join('\r\n'), 'latin1');
  return { bytes: change.rest ? Buffer.concat([head, change.rest]) : head, key };

  /** The same change with the token where the user wants it, unless the change speaks for that place itself. */
  function show(token: string, { place }: Login, change: Change): Change {
    switch (place.kind) {
      case 'header':
        return { ...change, fields: { Authorization: `Bearer ${token}`, ...change.fields } };
      case 'cookie':
        return { ...change, fields: { Cookie: `${place.name}=${token}`, ...change.fields } };
      case 'query':
        return { ...change, target: withParameter(change.target ?? target.path, place.name, token) };
      case 'subprotocol': {
        const others =
          change.fields?.['Sec-WebSocket-Protocol'] ?? fields.get('Sec-WebSocket-Protocol') ?? [];
        const protocols = [...[others].flat(), `bearer.${token}`].join(', ');
        return { ...change, fields: { ...change.fields, 'Sec-WebSocket-Protocol': protocols } };
      }
    }
  }
}

function linesOf(name: string, value: string | readonly string[] | null): string[] {
  if (value === null) return [];
  return [value].flat().map((each) => `${name}: ${each}`);
}
