import type { Handshake } from '../pipeline/handshake.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import { parseExtensions } from '../protocol/deflate.ts';
import { isToken, listOf } from '../protocol/tokens.ts';
import type { Arrival, Facts } from './arrival.ts';
import { isRefusal } from './fields.ts';
import { hostOf } from './host.ts';
import { readTarget, type Target } from './target.ts';

type Fields = ReadonlyMap<string, string>;

/** 16 bytes in base64 (RFC 6455 §4.2.1). */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** More subprotocols than any client offers. */
const MAX_PROTOCOLS = 64;

/** What of an arrival says what is asked for. */
type Asked = Pick<Arrival, 'fields' | 'facts'> & {
  readonly request: Pick<Arrival['request'], 'method' | 'httpVersion' | 'url'>;
};

/**
 * Reads an upgrade request by RFC 6455 §4.2.1 and RFC 9112, from our own reading of the raw header: node emits
 * `upgrade` for HTTP/1.0, for POST, for requests with a body, and for none or two of what there must be one of.
 * Never throws, whatever the request says.
 */
export function readHandshake({ request, fields, facts }: Asked): Handshake | Refused {
  const host = readHost(fields, facts);
  if (isRefusal(host)) return host;
  const broken =
    checkRequestLine(request.method, request.httpVersion) ??
    checkBody(fields) ??
    checkUpgrade(fields) ??
    facts.untrusted;
  if (broken) return broken;
  const target = readBoundedTarget(request.url ?? '', facts.limits.targetBytes);
  if (isRefusal(target)) return target;
  const protocols = readProtocols(fields.get('sec-websocket-protocol'));
  if (isRefusal(protocols)) return protocols;
  const extensions = fields.get('sec-websocket-extensions') ?? '';
  if (extensions !== '' && !parseExtensions(extensions)) {
    return refuse('protocol_invalid', 'Sec-WebSocket-Extensions breaks its grammar');
  }
  return {
    listener: facts.listener,
    address: facts.address,
    peer: facts.peer,
    host,
    path: target.path,
    query: target.query,
    origin: fields.get('origin'),
    headers: fields,
    protocols,
    extensions,
    key: fields.get('sec-websocket-key')!,
    tls: facts.tls,
  };
}

/** What must be so of every request, whatever it asks for: exactly one Host, and one that TLS was opened for. */
export function readHost(fields: Fields, facts: Facts): string | Refused {
  const field = fields.get('host');
  const host = field === undefined ? undefined : hostOf(field);
  if (host === undefined) return refuse('host_invalid', field === undefined ? 'no Host' : 'not a host');
  const { serverName } = facts.tls;
  if (serverName !== undefined && host !== serverName) {
    return refuse('misdirected', `Host is ${host}, SNI was ${serverName}`);
  }
  if (serverName === undefined && !facts.serves(host)) {
    return refuse('misdirected', `Host is ${host}, which no certificate here names, and there was no SNI`);
  }
  return host;
}

function checkRequestLine(method: string | undefined, version: string): Refused | undefined {
  if (method !== 'GET') return refuse('method_not_allowed', 'an upgrade is a GET');
  if (version !== '1.1') return refuse('request_malformed', `HTTP/${version}`);
  return undefined;
}

/** No body and no transfer coding: what follows the header is frames, and nothing else may claim it. */
function checkBody(fields: Fields): Refused | undefined {
  const length = fields.get('content-length');
  if (length !== undefined && length !== '0') return refuse('body_forbidden', 'Content-Length');
  if (fields.has('transfer-encoding')) return refuse('body_forbidden', 'Transfer-Encoding');
  return undefined;
}

function checkUpgrade(fields: Fields): Refused | undefined {
  if (fields.get('upgrade')?.toLowerCase() !== 'websocket') {
    return refuse('request_malformed', 'Upgrade is not websocket alone');
  }
  // RFC 9110 §5.6.1 has recipients skip empty elements here.
  const connection = listOf(fields.get('connection') ?? '').filter((option) => option !== '');
  if (!connection.every(isToken) || !connection.some((option) => option.toLowerCase() === 'upgrade')) {
    return refuse('request_malformed', 'Connection does not say upgrade');
  }
  if (fields.get('sec-websocket-version') !== '13') {
    return refuse('version_unsupported', 'Sec-WebSocket-Version is not 13');
  }
  if (!KEY.test(fields.get('sec-websocket-key') ?? '')) {
    return refuse('request_malformed', 'Sec-WebSocket-Key is not 16 bytes in base64');
  }
  return undefined;
}

function readBoundedTarget(url: string, maxBytes: number): Target | Refused {
  if (url.length > maxBytes) return refuse('target_too_long', `more than ${maxBytes} bytes`);
  const target = readTarget(url);
  return typeof target === 'string' ? refuse('target_invalid', target) : target;
}

/** RFC 6455 §4.1: one or more unique tokens. An empty element is an error here. */
function readProtocols(field: string | undefined): readonly string[] | Refused {
  if (field === undefined) return [];
  const names = listOf(field);
  if (names.length > MAX_PROTOCOLS) return refuse('protocol_invalid', 'too many subprotocols');
  if (!names.every(isToken)) return refuse('protocol_invalid', 'a subprotocol is not a token');
  if (new Set(names).size !== names.length) return refuse('protocol_invalid', 'a subprotocol is repeated');
  return names;
}
