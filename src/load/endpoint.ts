import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext, rootCertificates } from 'node:tls';
import type { Scenario } from './scenario.ts';
import type { Endpoint } from './socket.ts';

/** What every connection of a scenario has in common. `path` makes a file's path absolute. @throws ScenarioError */
export function endpointOf(
  { target, tls, origin, protocols, headers }: Scenario,
  path: (name: string) => string,
): Endpoint {
  const url = new URL(target);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const ca = tls.ca === undefined ? undefined : [...rootCertificates, readFileSync(path(tls.ca), 'utf8')];
  const fields = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    ...(protocols.length === 0 ? [] : [`Sec-WebSocket-Protocol: ${protocols.join(', ')}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return {
    host,
    port: url.port === '' ? 443 : Number(url.port),
    serverName: isIP(host) === 0 ? host : undefined,
    insecure: tls.insecure,
    context: createSecureContext(ca ? { ca } : {}),
    head: fields.map((line) => `${line}\r\n`).join(''),
  };
}
