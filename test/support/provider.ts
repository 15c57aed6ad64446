import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export type Reply = (request: IncomingMessage, response: ServerResponse) => void;

/** A small identity provider that answers as it is told, well or badly. */
export class Provider {
  readonly url: string;
  /** The path of every request so far. */
  readonly asked: string[] = [];
  readonly #server: Server;
  #reply: Reply;

  private constructor(server: Server, url: string, reply: Reply) {
    this.#server = server;
    this.#reply = reply;
    this.url = url;
    server.on('request', (request, response) => {
      this.asked.push(request.url ?? '');
      this.#reply(request, response);
    });
  }

  static async listen(reply: Reply, tls?: { cert: string; key: string }): Promise<Provider> {
    const server = tls ? createTlsServer(tls) : createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return new Provider(server, `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, reply);
  }

  behave(reply: Reply): void {
    this.#reply = reply;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A good answer. */
export function saying(body: string | object): Reply {
  return (_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** Answers by path; anything else is a 404. */
export function routing(replies: Readonly<Record<string, Reply>>): Reply {
  return (request, response) => {
    const reply = replies[request.url ?? ''];
    if (reply) reply(request, response);
    else response.writeHead(404).end();
  };
}

/** Every way a provider can fail that still lets a connection be made, for a document that would else be good. */
export function faults(good: string): Readonly<Record<string, Reply>> {
  return {
    'a 500': (_, response) => response.writeHead(500).end(good),
    'a redirect': (_, response) => response.writeHead(302, { location: '/elsewhere' }).end(good),
    silence: () => {},
    'a drip of bytes': (_, response) => {
      const drip = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(drip));
    },
    'a reset': (request) => request.socket.resetAndDestroy(),
    'half an answer': (_, response) => {
      response.writeHead(200, { 'content-length': good.length });
      response.write(good.slice(0, good.length / 2), () => response.destroy());
    },
    'a page of HTML': (_, response) => response.end('<!doctype html><title>Sign in</title>'),
    'an answer without end': (_, response) => {
      const pour = () => {
        while (!response.destroyed && response.write(' '.repeat(65_536)));
      };
      response.on('drain', pour);
      pour();
    },
    'a compressed answer': (_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(good);
    },
    'a 200 with nothing': (_, response) => response.end(),
    'what is not HTTP': (request) => request.socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
  };
}
