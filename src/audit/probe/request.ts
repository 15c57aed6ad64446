import { randomBytes } from 'node:crypto';
import type { Login } from '../login.ts';
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
  /** Without the credential that the user gave. */
  readonly anonymous?: boolean;
}

/** An upgrade request, and the key that its answer must match. */
export interface Request {
  readonly bytes: Buffer;
  readonly key: string;
}

/** Writes an upgrade request with these changes, right or wrong. */
export function upgradeRequest(target: Target, login: Login, change: Change = {}): Request {
  const key = randomBytes(16).toString('base64');
  const fields = new Map<string, string | readonly string[] | null>([
    ['Host', target.authority],
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Key', key],
    ['Sec-WebSocket-Version', '13'],
    ['User-Agent', 'sallyport-audit'],
    ...login.always,
    ...(change.anonymous ? [] : login.credential),
    ...Object.entries(change.fields ?? {}),
  ]);
  const lines = [...fields].flatMap(([name, value]) => linesOf(name, value));
  const first = `${change.method ?? 'GET'} ${change.target ?? target.path} ${change.version ?? 'HTTP/1.1'}`;
  const head = Buffer.from([first, ...lines, ...(change.lines ?? []), '', ''].join('\r\n'), 'latin1');
  return { bytes: change.rest ? Buffer.concat([head, change.rest]) : head, key };
}

function linesOf(name: string, value: string | readonly string[] | null): string[] {
  if (value === null) return [];
  return [value].flat().map((each) => `${name}: ${each}`);
}
