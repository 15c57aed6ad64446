import { Chat } from './chat.ts';
import { text } from './raw-frames.ts';
import type { RawPeer } from './raw-peer.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from './tokens.ts';
import { askWellKnown, type WellKnownAnswer } from './well-known.ts';

const signer = newSigner();

/** Who may connect, write and rule, by the roles that `scope` gives and by a claim. */
const RULES = [
  { on: 'connect', allow: '"in" in principal.roles' },
  { when: 'message.type == "write"', allow: '"write" in principal.roles' },
  { when: 'message.type == "admin"', allow: 'has(claims.admin) && claims.admin == true' },
  { allow: 'true' },
];

export const NOT_ALLOWED = '{"refused":"not_authorized"}';

/** One session on a route whose rules ask for rights, and new tokens for it. */
export class RightsBench {
  readonly chat: Chat;
  readonly peer: RawPeer;
  readonly session: string;

  private constructor(chat: Chat, peer: RawPeer, session: string) {
    this.chat = chat;
    this.peer = peer;
    this.session = session;
  }

  /** Opened with a token of this scope. */
  static async open(scope: string, route: Readonly<Record<string, unknown>> = {}): Promise<RightsBench> {
    const claims = { subject: 'sub', roles: 'scope' };
    const chat = await Chat.open({
      config: { identities: { staff: { jwt: jwtOptionsOf({ claims }) } } },
      files: { 'keys.json': keySetText(signer) },
      route: {
        refresh: {},
        authorize: RULES,
        dialect: { json: { type: '/type', refusal: '{"refused":{code}}' } },
        ...route,
      },
    });
    const peer = await chat.join({}, { headers: { Authorization: `Bearer ${tokenWith(scope)}` } });
    const { session } = await chat.gateway.logged('session.opened');
    return new RightsBench(chat, peer, String(session));
  }

  /** Brings a token of this scope, and with these claims. */
  bring(scope: string, claims: object = {}): Promise<WellKnownAnswer> {
    const fields = { Authorization: `Bearer ${tokenWith(scope, claims)}` };
    return askWellKnown(this.chat, `/sessions/${this.session}/refresh`, { path: '/chat' }, fields);
  }

  /** Sends a message of this type: what comes back is the message, or the refusal. */
  async says(type: string): Promise<string> {
    this.peer.send(text(JSON.stringify({ type })));
    return String((await this.peer.nextOf('text')).payload);
  }

  close(): Promise<void> {
    return this.chat.close();
  }
}

function tokenWith(scope: string, claims: object = {}): string {
  return tokenOf(signer, claimsOf({ scope, ...claims }));
}
