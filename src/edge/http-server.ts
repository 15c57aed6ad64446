import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { EdgeLimits } from '../config/listener.ts';

/** What node's parser found on a connection. */
export interface HttpHandlers {
  /** An upgrade as node understands it: not a valid one yet. CONNECT comes here too, to be refused. */
  onUpgrade(request: IncomingMessage, socket: TLSSocket, head: Buffer): void;
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  /** What came was not HTTP, or too much of it. */
  onClientError(error: NodeJS.ErrnoException, socket: TLSSocket): void;
}

/** Reads HTTP from sockets that are given to it with `emit('connection', socket)`; it does not listen. */
export function createHttpReader(limits: EdgeLimits, handlers: HttpHandlers): Server {
  const http = createServer({
    insecureHTTPParser: false,
    requireHostHeader: false, // refused by us, in the one place that refuses
    headersTimeout: 0, // one deadline of ours covers TLS and HTTP
    requestTimeout: 0,
  });
  boundHeader(http, limits);
  http.maxRequestsPerSocket = 1;
  for (const event of ['upgrade', 'connect'] as const) {
    http.on(event, (request, stream, head) => {
      // Node 26 puts a stream of its own before the socket of an upgrade whose body is still to come. That one is refused
      // for that body, whatever becomes of the stream.
      if (stream !== request.socket) stream.on('error', ignore);
      handlers.onUpgrade(request, request.socket as TLSSocket, head);
    });
  }
  http.on('clientError', (error, socket) => handlers.onClientError(error, socket as TLSSocket));
  // Never `100 Continue`: the answer comes at once, and it is final.
  for (const event of ['request', 'checkContinue', 'checkExpectation'] as const) {
    http.on(event, (request, response) => handlers.onRequest(request, response));
  }
  return http;
}

/**
 * How much header is read, from the next connection on. Node drops fields over its limit and says nothing; with one more
 * than ours, we see that there were more.
 */
export function boundHeader(http: Server, limits: EdgeLimits): void {
  http.maxHeadersCount = limits.headers + 1;
  // What the option of this name sets, and each connection reads; the types know the option alone.
  (http as Server & { maxHeaderSize: number }).maxHeaderSize = limits.headerBytes;
}

function ignore(): void {}
