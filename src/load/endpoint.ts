import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext, rootCertificates } from 'node:tls';
import { placeOf, type Scenario } from './scenario.ts';
import type { Endpoint } from './socket.ts';

/** The fields of every upgrade that a scenario says itself. */
export function fieldsOf({ origin, protocols, headers }: Scenario): readonly (readonly [string, string])[] {
  return [
    ...(origin === undefined ? [] : [['Origin', origin] as const]),
    ...(protocols.length === 0 ? [] : [['Sec-WebSocket-Protocol', protocols.join(', ')] as const]),
    ...Object.entries(headers),
  ];
}

/** What every connection of a scenario has in common. `path` makes a file's path absolute. @throws ScenarioError */
export function endpointOf(scenario: Scenario, path: (name: string) => string): Endpoint {
  const { target, address, tls } = scenario;
  const url = new URL(target);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const ca = tls.ca === undefined ? undefined : [...rootCertificates, readFileSync(path(tls.ca), 'utf8')];
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    ...fieldsOf(scenario).map((field) => field.join(': ')),
  ];
  return {
    host,
    port: url.port === '' ? 443 : Number(url.port),
    ...(address !== undefined && placeOf(address)),
    serverName: isIP(host) === 0 ? host : undefined,
    insecure: tls.insecure,
    context: createSecureContext(ca ? { ca } : {}),
    head: lines.map((line) => `${line}\r\n`).join(''),
  };
}
