import type { ConnectionOptions } from 'node:tls';
import { onTestFinished } from 'vitest';
import { encodeClaim, SESSION_PROTOCOL } from '../../src/protocol/session-protocol.ts';
import type { Chat, ChatOptions } from './chat.ts';
import type { UpgradeRefused } from './raw-client.ts';
import { text } from './raw-frames.ts';
import { ResumingClient, type ResumingOptions } from './resuming-client.ts';

type Section = Readonly<Record<string, unknown>>;

/** A route that keeps sessions for their clients. */
export function keeping(resume: Section = {}, more: ChatOptions = {}): ChatOptions {
  return { ...more, route: { dialect: { raw: { frames: 'both' } }, resume, ...more.route } };
}

/** A client that comes back until its test is over, with a token of these claims; in its session. */
export async function resumingAs(
  chat: Chat,
  claims: Section = {},
  more: Partial<ResumingOptions> = {},
): Promise<ResumingClient> {
  const { headers, ...rest } = more;
  const client = new ResumingClient({
    url: `wss://localhost:${chat.gateway.port}/chat`,
    ca: chat.ca.cert,
    headers: { Authorization: `Bearer ${chat.token(claims)}`, ...headers },
    ...rest,
  });
  onTestFinished(() => client.leave()); // or it would knock for ever at a gateway that has gone
  await client.until(({ connected }) => connected);
  return client;
}

/** What becomes of somebody with these claims who shows this claim; `in` if there is a session, old or new. */
export function claiming(
  chat: Chat,
  claims: Section,
  claim: { readonly token: string; readonly seen: number | string },
  headers: Readonly<Record<string, string>> = {},
  tls: ConnectionOptions = {},
): Promise<UpgradeRefused | 'in'> {
  const offer = encodeClaim(claim as { token: string; seen: number });
  return chat.knock(claims, {
    tls,
    headers: { 'Sec-WebSocket-Protocol': `${SESSION_PROTOCOL}, ${offer}`, ...headers },
  });
}

/** Cuts the client off, and waits until the gateway knows that. */
export async function lose(chat: Chat, client: ResumingClient): Promise<void> {
  const before = chat.named('session.parked').length;
  client.leave();
  await chat.gateway.logged('session.parked', () => chat.named('session.parked').length > before);
}

/** The first upstream says these things, and waits until the gateway has read them. */
export async function upstreamSays(chat: Chat, ...said: string[]): Promise<void> {
  const peer = chat.upstream.peers[0]!;
  for (const each of said) peer.send(text(each));
  peer.send({ opcode: 9, payload: Buffer.from('read?') }); // answered in order
  await peer.nextOf('pong');
}
