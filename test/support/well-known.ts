import { type RequestOptions, request } from 'node:https';
import type { Chat } from './chat.ts';

export interface WellKnownAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: the test says what it expects of it
  readonly body: any;
}

/** Where a gateway is, and what vouches for it. */
export interface Door {
  readonly gateway: { readonly port: number };
  readonly ca: { readonly cert: string };
}

/** One request below `/.well-known/sallyport` of a running gateway; `null` leaves a header out. */
export function askWellKnown(
  { gateway, ca }: Door,
  path: string,
  body: object | string,
  headers: Readonly<Record<string, string | null>> = {},
  tls: RequestOptions = {},
): Promise<WellKnownAnswer> {
  const fields = { 'Content-Type': 'application/json', ...headers };
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: gateway.port,
        servername: 'localhost',
        ca: ca.cert,
        agent: false,
        method: 'POST',
        path: `/.well-known/sallyport${path}`,
        headers: Object.fromEntries([
          ['Host', `localhost:${gateway.port}`],
          ...Object.entries(fields).filter(([, value]) => value !== null),
        ]),
        ...tls,
      },
      async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, body: text === '' ? undefined : JSON.parse(text) });
      },
    );
    sent.on('error', reject).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}

type Section = Readonly<Record<string, unknown>>;

/** A ticket for the socket at `path`, with a token of these claims. */
export async function ticketFor(
  chat: Chat,
  claims: Section = {},
  { path = '/chat', headers = {} }: { path?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<{ ticket: string; session: string; expiresIn: number }> {
  const fields = { Authorization: `Bearer ${chat.token(claims)}`, ...headers };
  const { status, body } = await askWellKnown(chat, '/tickets', { path }, fields);
  if (status !== 201) throw new Error(`no ticket: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** The headers of an upgrade that shows a ticket and nothing else. */
export function showing(ticket: string, headers: Readonly<Record<string, string>> = {}) {
  return { headers: { Authorization: null, 'Sec-WebSocket-Protocol': `ticket.${ticket}`, ...headers } };
}

/** Offers a new token, of these claims, for an open session. */
export function refresh(
  chat: Chat,
  session: string,
  claims: Section = {},
  { path = '/chat', headers = {} }: { path?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<WellKnownAnswer> {
  const fields = { Authorization: `Bearer ${chat.token(claims)}`, ...headers };
  return askWellKnown(chat, `/sessions/${session}/refresh`, { path }, fields);
}
