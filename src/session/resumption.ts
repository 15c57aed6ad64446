import type { ResumePlan } from '../pipeline/route.ts';
import type { CloseBody } from '../protocol/close.ts';
import { encodeText } from '../protocol/encode.ts';
import {
  encodeControl,
  escapeText,
  type GatewayMessage,
  type NotResumed,
  readClientControl,
} from '../protocol/session-protocol.ts';
import { Journal, type Place } from './journal.ts';
import { type Leg, PAUSE } from './leg.ts';
import type { Parking, TokenHash } from './parking.ts';

/** What is replayed in one write, in bytes: below a leg's high-water mark, which holds it up. */
const PIECE = 16_384;

/** What a `welcome` says of its session beside what is counted here. */
export interface Greeting {
  readonly session: string;
  /** When the credential runs out, in milliseconds from now; Infinity if it does not. */
  readonly expires: number;
  readonly reason?: NotResumed;
}

/**
 * What lets one session outlive its client's connections: what was sent, how much of it was seen, and by which token the
 * client comes back. Only sessions have one whose client asked for it.
 *
 * Counts go up from the session's beginning and are never started anew.
 */
export class Resumption<S = unknown> {
  readonly terms: ResumePlan;
  readonly journal: Journal;
  readonly #session: S;
  readonly #parking: Parking<S>;
  /** Messages of the client that were judged, and forwarded, answered or dropped. */
  taken = 0;
  /** Of those, how many the client has been told of. */
  #told = 0;
  /** Messages of the server that the client says it has had. */
  seen = 0;
  /** When the client was lost, monotonic milliseconds; undefined while it is there. */
  parkedAt: number | undefined = undefined;
  /** The Close that the client is to get behind all the rest: the upstream has ended, and it may not know yet. */
  farewell: CloseBody | undefined = undefined;
  #leg: Leg;
  #closed = false;
  /** The token of this connection, and the one before it: that works until the client has shown that it has the new one. */
  #token: TokenHash | undefined = undefined;
  #spent: TokenHash | undefined = undefined;
  /** Where in the journal the replay stands; undefined when there is none. */
  #replay: Place | undefined = undefined;

  constructor(session: S, leg: Leg, terms: ResumePlan, parking: Parking<S>) {
    this.#session = session;
    this.#leg = leg;
    this.terms = terms;
    this.#parking = parking;
    this.journal = new Journal(terms, parking.journals);
  }

  get parked(): boolean {
    return this.parkedAt !== undefined;
  }

  /** The first message of a session. */
  open(greeting: Greeting): void {
    this.#welcome(false, greeting);
  }

  /** Waits for the client from now on; false if it may not come back, or there is no room to wait. */
  park(now: number): boolean {
    if (this.#closed || !this.#parking.enter()) return false;
    this.parkedAt = now;
    this.#stopReplay();
    return true;
  }

  /**
   * Goes on with another connection: greets it and sends what its client has not seen, which the journal must hold. Until
   * that is done neither side is read, so that nothing gets before it.
   *
   * @param shown the token that the client came with
   * @param now monotonic milliseconds
   */
  resume(leg: Leg, shown: TokenHash, seen: number, greeting: Greeting, now: number) {
    const facts = { messages: this.journal.total - seen, seconds: (now - (this.parkedAt ?? now)) / 1_000 };
    this.#unpark();
    this.#stopReplay();
    this.#leg = leg;
    if (this.#token !== shown) this.#forget(this.#token);
    if (this.#spent !== shown) this.#forget(this.#spent);
    this.#spent = shown;
    this.#token = undefined;
    this.seen = seen;
    this.journal.trim(seen);
    this.#welcome(true, greeting);
    leg.muted = true;
    leg.pause(PAUSE.replay);
    leg.peer.pause(PAUSE.replay);
    this.#replay = this.journal.placeOf(seen);
    this.proceed();
    return facts;
  }

  /** Goes on with the replay, if there is one and the client takes more. */
  proceed(): void {
    const leg = this.#leg;
    while (this.#replay !== undefined && !leg.full) {
      const bytes = this.journal.read(this.#replay, PIECE);
      if (bytes === undefined) {
        this.#stopReplay();
      } else if (bytes === 'gone') {
        leg.destroy(); // the client is told of the gap when it comes back
        return;
      } else {
        leg.push(bytes, false);
      }
    }
    if (this.#replay === undefined && this.farewell) leg.close(this.farewell.code, this.farewell.reason);
  }

  /** One message of the client is dealt with. */
  took(): void {
    this.taken++;
  }

  /** Tells the client what was taken, if anything was since it was last told: once for all messages of a chunk. */
  acknowledge(): void {
    if (this.#told === this.taken || this.parked) return;
    this.#told = this.taken;
    this.#say({ type: 'ack', seen: this.taken });
  }

  /** Takes what the client says to the gateway; false if it cannot be. */
  hear(text: string): boolean {
    const message = readClientControl(text);
    if (!message || message.seen < this.seen || message.seen > this.journal.total) return false;
    this.seen = message.seen;
    this.journal.trim(message.seen);
    this.#forget(this.#spent);
    this.#spent = undefined;
    return true;
  }

  /** Keeps one message of the server, as it is sent. */
  keep(frames: Buffer): void {
    this.journal.push(frames);
  }

  /** Sends the client a message of our own that counts as the server's. */
  answer(text: string): void {
    const frame = encodeText(escapeText(text), false);
    this.journal.push(frame);
    if (this.#replay === undefined) this.#leg.answer(frame);
  }

  /** Tells the client when its new credential runs out. */
  renewed(expires: number): void {
    if (this.parked) return;
    this.#say({ type: 'expires', ...(expires < Infinity && { expires: Math.max(0, Math.floor(expires)) }) });
  }

  /** The client is about to get its last Close. Unless that is `final`, it gets it again if it comes back. */
  dismiss(body: CloseBody, final: boolean): void {
    this.acknowledge();
    if (final) this.close();
    else this.farewell = body;
  }

  /** Nobody can come back any more. */
  close(): void {
    this.#closed = true;
    this.#unpark();
    this.#stopReplay();
    this.#forget(this.#token);
    this.#forget(this.#spent);
    this.farewell = undefined;
    this.journal.clear();
  }

  #welcome(resumed: boolean, { session, expires, reason }: Greeting): void {
    const { token, hash } = this.#parking.issue(this.#session);
    const { window, maxMessages, maxBytes } = this.terms;
    this.#token = hash;
    this.#told = this.taken;
    this.#say({
      type: 'welcome',
      session,
      token,
      window,
      resumed,
      ...(reason !== undefined && { reason }),
      seen: this.taken,
      next: this.seen + 1,
      buffer: { messages: maxMessages, bytes: maxBytes },
      ...(expires < Infinity && { expires: Math.max(0, Math.floor(expires)) }),
    });
  }

  #say(message: GatewayMessage): void {
    this.#leg.answer(encodeText(encodeControl(message), false));
  }

  #stopReplay(): void {
    if (this.#replay === undefined) return;
    this.#replay = undefined;
    this.#leg.muted = false;
    this.#leg.peer.resume(PAUSE.replay);
    this.#leg.resume(PAUSE.replay);
  }

  #unpark(): void {
    if (!this.parked) return;
    this.parkedAt = undefined;
    this.#parking.leave();
  }

  #forget(hash: TokenHash | undefined): void {
    if (hash !== undefined) this.#parking.revoke(hash);
  }
}
