import { Denied, Desk } from './desk.ts';
import { ClientError } from './error.ts';
import { readToken, type Settings } from './options.ts';

/** A new token is asked for when this part of the old one's time has passed, and up to SPREAD more. */
const SHARE = 0.7;
const SPREAD = 0.2;

/** Between two tries, in ms, and the least that must be left for one. */
const AGAIN = 2_000;

/** Longest that a timer of browsers can wait, in ms: 24 days. */
const LONGEST = 2_147_483_647;

/** Brings a new token to the gateway before the old one of an open session runs out. */
export class Renewal {
  readonly #settings: Settings;
  readonly #desk: Desk;
  readonly #failed: (error: ClientError) => void;
  #session = '';
  #abort = new AbortController();
  #timer: unknown;
  /** When the credential ends, monotonic ms. */
  #endsAt = Infinity;

  constructor(settings: Settings, failed: (error: ClientError) => void) {
    this.#settings = settings;
    this.#desk = new Desk(settings);
    this.#failed = failed;
  }

  /** An open session's credential has so many ms left; undefined if it does not run out, or nobody knows. */
  watch(session: string | undefined, expires: number | undefined): void {
    this.stop();
    if (session === undefined || expires === undefined || !this.#settings.refresh) return;
    const { timers, random } = this.#settings;
    this.#session = session;
    this.#endsAt = timers.now() + expires;
    this.#wait(expires * (SHARE + SPREAD * random()));
  }

  stop(): void {
    this.#settings.timers.clear(this.#timer);
    this.#abort.abort();
  }

  #wait(ms: number): void {
    this.#abort = new AbortController();
    this.#timer = this.#settings.timers.set(
      () => void this.#renew(this.#abort.signal),
      Math.min(LONGEST, ms),
    );
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { getToken, timers } = this.#settings;
    try {
      const { token } = readToken(await getToken!({ fresh: true, failures: 0, signal }));
      const expires = await this.#desk.refresh(this.#session, token, signal);
      if (!signal.aborted) this.watch(this.#session, expires);
    } catch (cause) {
      if (signal.aborted) return;
      this.#failed(new ClientError('refresh_failed', { cause }));
      const final = cause instanceof Denied && !cause.passing;
      const left = this.#endsAt - timers.now();
      // Whoever cannot renew is let go when the token ends, and comes back with another.
      if (!final && left > AGAIN) this.#wait(Math.max(AGAIN, left / 4));
    }
  }
}
