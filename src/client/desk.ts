import type { Settings } from './options.ts';

/** The gateway answered no. */
export class Denied extends Error {
  override readonly name = 'Denied';
  readonly status: number;

  constructor(status: number) {
    super(`the gateway answered ${status}`);
    this.status = status;
  }

  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

/** For one socket. */
export interface Ticket {
  readonly ticket: string;
  /** What the session will be called. */
  readonly session: string;
}

/** What the gateway serves beside its sockets (PROTOCOL.md): tickets, and the renewal of credentials. */
export class Desk {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** A ticket for a new socket; by cookie where there is no token. Rejects with Denied. */
  async ticket(token: string | undefined, signal: AbortSignal): Promise<Ticket> {
    const { ticket, session } = await this.#post('tickets', token, signal);
    if (typeof ticket !== 'string' || typeof session !== 'string') throw new Error('no ticket');
    return { ticket, session };
  }

  /** Shows the new token of an open session; what it has left, in ms, or undefined if it does not run out. Rejects with Denied. */
  async refresh(session: string, token: string, signal: AbortSignal): Promise<number | undefined> {
    const path = `sessions/${encodeURIComponent(session)}/refresh`;
    const { expiresIn } = await this.#post(path, token, signal);
    return typeof expiresIn === 'number' ? expiresIn : undefined;
  }

  async #post(
    what: string,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>> {
    const { url, fetch } = this.#settings;
    const { host, pathname } = new URL(url);
    const answer = await fetch(`https://${host}/.well-known/sallyport/${what}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ path: pathname }),
      credentials: token === undefined ? 'include' : 'omit',
      signal,
    });
    if (!answer.ok) throw new Denied(answer.status);
    return (await answer.json()) as Record<string, unknown>;
  }
}
