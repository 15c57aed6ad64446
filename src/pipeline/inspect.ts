import type { DirectionCounters } from '../record/counters.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Connection, Renewable, Renewed } from './connection.ts';
import { GUARD_TIMEOUT, within } from './deadline.ts';
import { CLOSE, type Renewal, type Unreadable } from './dialect.ts';
import type { Direction, Message, Payload } from './message.ts';
import { type Denial, noticeOf, recordRefusal, who } from './refusals.ts';
import type { Armed, RoutePlan } from './route.ts';
import {
  isPromise,
  type MaybePromise,
  PASS,
  type Pass,
  type Refused,
  refuse,
  type Verdict,
} from './verdict.ts';

const NOTHING_READ: readonly Message[] = [];

/** A message that was for the gateway itself: it goes no further, and this is the answer, if it gets one. */
export interface Taken {
  readonly pass: false;
  readonly answer: string | undefined;
}

/** A message that does not pass. */
export type Stopped = Denial | Taken;

/**
 * The one runner over the guards of a route for what one side sends: every `onPayload`, then the dialect, then every
 * `onMessage` for each message it read. All must pass; the first no ends it. Refusals are recorded here.
 *
 * As long as guards answer at once it allocates nothing, and answers at once itself.
 */
export class Inspector {
  readonly route: RoutePlan;
  readonly direction: Direction;
  /** Of what this side sends. */
  readonly counters: DirectionCounters;
  /** Whether nobody wants to see what this side sends: then messages need not be unmasked. */
  readonly idle: boolean;
  readonly #recorder: Recorder;
  readonly #onPayload: readonly Armed[];
  readonly #onMessage: readonly Armed[];
  readonly #reads: boolean;
  readonly #renewal: Renewal | undefined;

  constructor(route: RoutePlan, direction: Direction, recorder: Recorder) {
    this.route = route;
    this.direction = direction;
    this.counters = route.counters[direction];
    this.#recorder = recorder;
    const armed = route.inspect[direction];
    this.#onPayload = armed.filter(({ guard }) => guard.onPayload !== undefined);
    this.#onMessage = armed.filter(({ guard }) => guard.onMessage !== undefined);
    // What a client sends is always read, for the dialect says what a message is.
    this.#reads = this.#onMessage.length > 0 || direction === 'client' || route.dialect.readsServer === true;
    this.#renewal = direction === 'client' ? route.dialect.renewal : undefined;
    this.idle = this.#onPayload.length === 0 && !this.#reads;
  }

  /** Judges one payload. Never throws and never rejects. */
  inspect(payload: Payload, connection: Renewable): MaybePromise<Pass | Stopped> {
    return this.#payload(0, payload, connection);
  }

  /** The text that tells the sender of a refusal, CLOSE where only that will do, or nothing. Never throws. */
  answer(denial: Denial, connection: Connection): string | typeof CLOSE | undefined {
    try {
      return this.route.dialect.refuse(denial.messages, noticeOf(denial.refused, this.direction), connection);
    } catch (error) {
      this.#fault('dialect', error, connection);
      return CLOSE;
    }
  }

  #payload(from: number, payload: Payload, connection: Renewable): MaybePromise<Pass | Stopped> {
    for (let i = from; i < this.#onPayload.length; i++) {
      const armed = this.#onPayload[i]!;
      let verdict: MaybePromise<Verdict>;
      try {
        verdict = armed.guard.onPayload!(payload, connection);
      } catch (error) {
        verdict = this.#fault(armed.name, error, connection);
      }
      if (verdict === PASS) continue;
      if (isPromise(verdict)) {
        return this.#settle(verdict, armed, connection).then(
          (settled) =>
            this.#weigh(armed, settled, NOTHING_READ, connection) ??
            this.#payload(i + 1, payload, connection),
        );
      }
      const denial = this.#weigh(armed, verdict, NOTHING_READ, connection);
      if (denial) return denial;
    }
    return this.#read(payload, connection);
  }

  #read(payload: Payload, connection: Renewable): MaybePromise<Pass | Stopped> {
    if (!this.#reads) return PASS;
    let read: Message | readonly Message[] | Unreadable;
    try {
      read = this.route.dialect.read(payload, connection);
    } catch (error) {
      read = this.#fault('dialect', error, connection);
    }
    if ((read as Unreadable).pass === false) {
      const refused = read as Unreadable;
      return this.#deny('dialect', refused, refused.messages ?? NOTHING_READ, connection, false);
    }
    const messages = read as Message | readonly Message[];
    const token = this.#renewal?.tokenOf(messages);
    if (token !== undefined) return this.#renew(token, messages, connection);
    return this.#messages(messages, 0, 0, connection);
  }

  /** A new token is a matter between client and gateway: no guard judges its message, unless that goes on. */
  #renew(
    token: string | Refused,
    read: Message | readonly Message[],
    connection: Renewable,
  ): MaybePromise<Pass | Stopped> {
    const renewal = this.#renewal!;
    const settle = (done: Renewed | Refused): MaybePromise<Pass | Stopped> => {
      if (!done.pass) return this.#deny('renewal', done, listOf(read), connection, false);
      if (renewal.forward) return this.#messages(read, 0, 0, connection);
      return { pass: false, answer: renewal.answer(read, done.expiresIn, connection) };
    };
    if (typeof token !== 'string') return settle(token);
    const renewed = connection.renew?.(token) ?? Promise.resolve(NOT_HERE);
    return renewed.catch((error) => this.#fault('renewal', error, connection)).then(settle);
  }

  #messages(
    read: Message | readonly Message[],
    fromMessage: number,
    fromGuard: number,
    connection: Connection,
  ): MaybePromise<Pass | Denial> {
    const count = isList(read) ? read.length : 1;
    let g = fromGuard;
    for (let m = fromMessage; m < count; m++, g = 0) {
      const message = isList(read) ? read[m]! : read;
      for (; g < this.#onMessage.length; g++) {
        const armed = this.#onMessage[g]!;
        let verdict: MaybePromise<Verdict>;
        try {
          verdict = armed.guard.onMessage!(message, connection);
        } catch (error) {
          verdict = this.#fault(armed.name, error, connection);
        }
        if (verdict === PASS) continue;
        if (isPromise(verdict)) return this.#later(verdict, armed, read, m, g, connection);
        const denial = this.#weigh(armed, verdict, read, connection);
        if (denial) return denial;
      }
    }
    return PASS;
  }

  async #later(
    verdict: Promise<Verdict>,
    armed: Armed,
    read: Message | readonly Message[],
    m: number,
    g: number,
    connection: Connection,
  ): Promise<Pass | Denial> {
    const settled = await this.#settle(verdict, armed, connection);
    return this.#weigh(armed, settled, read, connection) ?? this.#messages(read, m, g + 1, connection);
  }

  async #settle(verdict: Promise<Verdict>, armed: Armed, connection: Connection): Promise<Verdict> {
    try {
      return await within(verdict, GUARD_TIMEOUT, `guard ${armed.name}`);
    } catch (error) {
      return this.#fault(armed.name, error, connection);
    }
  }

  /** What a verdict means: nothing if it passes or its guard only observes. */
  #weigh(
    armed: Armed,
    verdict: Verdict,
    read: Message | readonly Message[],
    connection: Connection,
  ): Denial | undefined {
    if (verdict.pass) return undefined;
    const denial = this.#deny(armed.name, verdict, listOf(read), connection, armed.observe);
    return armed.observe ? undefined : denial;
  }

  #deny(
    guard: string,
    refused: Refused,
    messages: readonly Message[],
    connection: Connection,
    observed: boolean,
  ): Denial {
    const action = refused.action ?? this.route.onInvalid;
    const denial: Denial = { pass: false, guard, refused, action, messages };
    recordRefusal(this.#recorder, this.route, connection, this.direction, denial, observed);
    return denial;
  }

  /** A part of ours that threw or did not answer in time refuses: fail closed. */
  #fault(part: string, error: unknown, connection: Connection): Refused {
    const { session, route } = who(connection);
    this.#recorder.event('gateway.fault', { where: part, error: describe(error), session, route });
    return refuse('internal', `${part} failed`, 'close');
  }
}

function listOf(read: Message | readonly Message[]): readonly Message[] {
  return isList(read) ? read : [read];
}

function isList(read: Message | readonly Message[]): read is readonly Message[] {
  return Array.isArray(read);
}

const NOT_HERE = Object.freeze(refuse('not_offered', 'no credential can be renewed here'));

/** Name and place of an error, without its message: one about a payload may quote it. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  if (error.name === 'DeadlineError') return error.message;
  return `${error.name} ${/^\s*at .*$/m.exec(error.stack ?? '')?.[0].trim() ?? ''}`;
}
