import { readCloseReason } from '../protocol/close-advice.ts';
import { Backoff } from './backoff.ts';
import { Connection, type End } from './connection.ts';
import { ClientError } from './error.ts';
import {
  type Change,
  ClientTarget,
  type CloseCause,
  Closed,
  Failed,
  Opened,
  type Opening,
  Received,
  StateChanged,
} from './events.ts';
import { type ClientOptions, type Settings, settingsOf } from './options.ts';
import { Outbox } from './outbox.ts';
import type { Sendable } from './platform.ts';
import { Renewal } from './renewal.ts';
import { Resumption } from './resumption.ts';
import { type Input, type State, TRANSITIONS } from './states.ts';
import { keepsBackoff, mayReturn, wantsFreshToken } from './verdict.ts';

interface Step extends Change {
  readonly wasClean?: boolean;
  readonly cause?: CloseCause;
}

/** RFC 6455 §5.5: a control frame has 125 bytes, two of which are the code. */
const MAX_REASON = 123;

/**
 * A WebSocket that lasts: it comes back by itself when its connection is lost, unless the server said that it must not.
 * What is sent in the meantime waits in a bounded queue.
 */
export class Client extends ClientTarget {
  readonly #settings: Settings;
  readonly #backoff: Backoff;
  readonly #outbox: Outbox;
  readonly #renewal: Renewal;
  readonly #resumption: Resumption | undefined;
  #state: State = 'idle';
  #connection: Connection | undefined;
  #binaryType: 'arraybuffer' | 'blob' = 'arraybuffer';
  #wait: unknown;
  #openedAt = 0;
  #fresh = false;
  #cause: CloseCause = 'asked';
  #session: string | undefined;
  #unwatch: (() => void) | undefined;
  readonly #aborted = (): void => this.#close(1000, '', 'aborted');

  /** Nothing happens before `connect`. Throws a TypeError for options that can never work. */
  constructor(url: string | URL, options: ClientOptions = {}) {
    super();
    this.#settings = settingsOf(url, options);
    this.#backoff = new Backoff(this.#settings.reconnect, this.#settings.random);
    this.#outbox = new Outbox(this.#settings);
    this.#renewal = new Renewal(this.#settings, (error) => this.dispatchEvent(new Failed(error)));
    this.#resumption = this.#settings.resume ? new Resumption(this.#settings) : undefined;
    this.#settings.signal?.addEventListener('abort', this.#aborted);
  }

  get url(): string {
    return this.#settings.url;
  }

  get state(): State {
    return this.#state;
  }

  /** The subprotocol of the connection; empty if there is none. */
  get protocol(): string {
    return this.#connection?.protocol ?? '';
  }

  /** What the gateway calls the session of this connection; undefined where nobody said. */
  get session(): string | undefined {
    return this.#session;
  }

  /** Bytes that wait, here and in the socket. */
  get bufferedAmount(): number {
    return this.#outbox.bytes + (this.#connection?.bufferedAmount ?? 0);
  }

  /** What bytes arrive as. */
  get binaryType(): 'arraybuffer' | 'blob' {
    return this.#binaryType;
  }

  set binaryType(type: 'arraybuffer' | 'blob') {
    this.#binaryType = type;
    if (this.#connection) this.#connection.binaryType = type;
  }

  /** Begins; or, while it waits or is offline, tries at once. */
  connect(): void {
    const { network, signal } = this.#settings;
    if (signal?.aborted) this.#aborted();
    const unheard = this.#state === 'idle' && network;
    if (unheard) this.#unwatch = network.watch(() => this.#networkChanged());
    this.#move(unheard && !network.online() ? 'offline' : 'connect');
  }

  /** Sends now or, in order, when there is a connection. Throws `closed`, or `queue_full` as the policy says. */
  send(data: Sendable): void {
    if (this.#state === 'closing' || this.#state === 'closed') throw new ClientError('closed');
    if (!this.#outbox.send(data)) this.#close(1000, '', 'queue-full');
  }

  /** Ends for good. What is queued is handed to the socket first if it is open. Throws a RangeError as a WebSocket would. */
  close(code = 1000, reason = ''): void {
    if (code !== 1000 && !(code >= 3000 && code <= 4999))
      throw new RangeError('a code of one’s own is 3000–4999');
    if (new TextEncoder().encode(reason).length > MAX_REASON)
      throw new RangeError('a reason has 123 bytes at most');
    this.#close(code, reason, 'asked');
  }

  /** Closes, and waits until it is. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === 'closed') return;
    const closed = new Promise<void>((resolve) => {
      this.addEventListener('close', () => resolve(), { once: true });
    });
    this.close();
    await closed;
  }

  #close(code: number, reason: string, cause: CloseCause): void {
    if (this.#state === 'open') this.#outbox.flush();
    this.#move('close', { code, reason, wasClean: true, cause });
  }

  #networkChanged(): void {
    if (this.#settings.network?.online()) {
      this.#move('online', { wait: this.#backoff.wait() });
    } else {
      this.#settle(false);
      this.#move('offline');
    }
  }

  #opened(opening: Opening, expires: number | undefined): void {
    this.#openedAt = this.#settings.timers.now();
    this.#fresh = false;
    this.#session = opening.session;
    this.#renewal.watch(opening.session, expires);
    this.#move('opened');
    if (this.#state === 'open') this.dispatchEvent(new Opened(opening));
  }

  #ended({ error, code, reason, wasClean }: End): void {
    this.#fresh ||= wantsFreshToken(code);
    this.#settle(keepsBackoff(code));
    if (error) this.dispatchEvent(new Failed(error));
    const end = { code, reason, wasClean };
    if (this.#state === 'closing') this.#move('ended', end);
    else if (!mayReturn(code)) this.#move('ended', { ...end, cause: 'told' });
    else if (this.#backoff.spent) this.#move('ended', { ...end, cause: 'gave-up' });
    else
      this.#move('lost', {
        ...end,
        wait: Math.max(this.#backoff.next(), readCloseReason(reason)?.after ?? 0),
      });
  }

  /** Tells the back-off how long an open connection has lived. */
  #settle(keep: boolean): void {
    if (this.#state === 'open') this.#backoff.ended(this.#settings.timers.now() - this.#openedAt, keep);
  }

  /** The only place that changes the state. */
  #move(input: Input, step: Step = {}): void {
    const from = this.#state;
    const to = TRANSITIONS[from][input];
    if (to === undefined) return;
    this.#state = to;
    if (step.cause) this.#cause = step.cause;
    if (to !== 'open' && to !== 'closing') this.#letGo();
    this.#enter(to, step);
    this.dispatchEvent(new StateChanged(from, to, step));
    if (to === 'closed') this.#finish(step);
  }

  /** Whatever held the last state: its connection, its wait. */
  #letGo(): void {
    this.#outbox.detach();
    this.#renewal.stop();
    this.#connection?.drop();
    this.#connection = undefined;
    this.#session = undefined;
    this.#resumption?.lost();
    this.#settings.timers.clear(this.#wait);
  }

  #enter(state: State, { code = 1000, reason = '', wait = 0 }: Step): void {
    if (state === 'connecting') this.#begin();
    else if (state === 'open' && this.#connection) this.#outbox.attach(this.#connection);
    else if (state === 'waiting') this.#wait = this.#settings.timers.set(() => this.#move('due'), wait);
    else if (state === 'closing') this.#connection?.close(code, reason);
    else if (state === 'closed') this.#unhook();
  }

  #begin(): void {
    const host = {
      opened: (opening: Opening, expires: number | undefined) => this.#opened(opening, expires),
      renewed: (session: string | undefined, expires: number | undefined) =>
        this.#renewal.watch(session, expires),
      received: (data: unknown) => this.dispatchEvent(new Received(data)),
      ended: (end: End) => this.#ended(end),
    };
    this.#connection = new Connection(this.#settings, this.#binaryType, host, this.#resumption);
    this.#connection.start({ fresh: this.#fresh, failures: this.#backoff.failures });
  }

  #unhook(): void {
    this.#unwatch?.();
    this.#settings.signal?.removeEventListener('abort', this.#aborted);
  }

  #finish({ code = 1000, reason = '', wasClean = false }: Step): void {
    const unsent = this.#outbox.waiting + (this.#resumption?.unacknowledged ?? 0);
    this.#outbox.clear();
    this.#resumption?.clear();
    this.dispatchEvent(new Closed({ code, reason, wasClean, cause: this.#cause, unsent }));
  }
}
