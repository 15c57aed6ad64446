import { once } from 'node:events';
import { request as ask, createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Facts } from '../../src/edge/arrival.ts';
import type { RoutePlan } from '../../src/pipeline/route.ts';
import { refuse } from '../../src/pipeline/verdict.ts';
import type { Services } from '../../src/store/services.ts';
import type { Operation } from '../../src/wellknown/operation.ts';
import { WellKnown } from '../../src/wellknown/well-known.ts';
import { RATES } from './rates.ts';

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Says how long the body will be, and sends no more than `body`. */
  readonly unfinished?: boolean;
}

export interface Told {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A server of well-known paths without TLS, for tests of the router alone. */
export interface WellKnownServer {
  ask(path: string, asked?: Asked): Promise<Told>;
  close(): Promise<void>;
}

export const LIMITS = { headers: 64, targetBytes: 4_096, earlyData: 0, perAddress: RATES };
const TLS = { protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' };

export async function serveWellKnown(
  services: Services,
  routes: readonly RoutePlan[],
  operations?: readonly Operation[],
  facts: Partial<Facts> = {},
): Promise<WellKnownServer> {
  const match = (_: string, path: string) => routes.find((route) => route.path === path);
  const desk = {
    services,
    plan: () => ({ generation: 1, routes, match }),
    closedFor: () => undefined,
    signals: { receive: async () => undefined },
    renewals: { offer: async () => refuse('session_unknown', 'of a test') },
  };
  const wellKnown = new WellKnown(desk, operations);
  const address = '192.0.2.1';
  const known = { listener: 'public', address, peer: address, tls: TLS, limits: LIMITS, strictTransport: '' };
  const server = createServer(async (request, response) => {
    if (!(await wellKnown.serve(request, response, { ...known, serves: () => true, ...facts })))
      response.writeHead(418).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ask: (path, { method = 'POST', headers = {}, body, unfinished } = {}) =>
      new Promise((resolve, reject) => {
        const length = unfinished ? { 'Content-Length': String((body?.length ?? 0) + 1) } : {};
        const sent = ask({ port, path, method, headers: { Host: 'ws.example.com', ...length, ...headers } });
        sent.on('error', reject).on('response', async (response) => {
          let text = '';
          for await (const chunk of response) text += chunk;
          resolve({ status: response.statusCode!, headers: response.headers, text });
        });
        if (unfinished) sent.write(body);
        else sent.end(body);
      }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
