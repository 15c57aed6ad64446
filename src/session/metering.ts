import type { Clock } from '../store/clock.ts';
import type { UsageMeter, Used } from '../store/usage.ts';
import type { Registry } from './registry.ts';
import type { Session } from './session.ts';

/** How often open connections are read, and what was used is written, in milliseconds. */
const ROUND = 5_000;

/** What had been seen of a session when it was last read; its `milliseconds` are the monotonic clock's. */
type Seen = Used;

/** Reads the counters of all sessions once a round and when they end, and adds what is new to the usage of their holders. */
export class Metering {
  readonly #registry: Registry;
  readonly #meter: UsageMeter;
  readonly #clock: Clock;
  readonly #seen = new Map<Session, Seen>();
  #timer: NodeJS.Timeout | undefined;

  constructor(registry: Registry, meter: UsageMeter, clock: Clock) {
    this.#registry = registry;
    this.#meter = meter;
    this.#clock = clock;
  }

  start(): void {
    this.#timer = setInterval(() => void this.round(), ROUND).unref();
  }

  async round(): Promise<void> {
    for (const session of this.#registry) this.#read(session);
    await this.#meter.flush();
  }

  /** The last of a session. */
  ended(session: Session): void {
    this.#read(session);
    this.#seen.delete(session);
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.round();
  }

  #read(session: Session): void {
    if (session.joined) return; // measured by the process that holds it
    const { fromClient, fromServer, opened, route, principal } = session;
    const before = this.#seen.get(session) ?? { ...NOTHING, milliseconds: Math.round(opened) };
    const now = {
      received: fromClient.messages,
      sent: fromServer.messages,
      receivedBytes: fromClient.payload,
      sentBytes: fromServer.payload,
      milliseconds: Math.round(this.#clock.monotonic()),
    };
    this.#seen.set(session, now);
    const { subject, tenant = '' } = principal;
    this.#meter.add(
      { route, tenant, subject },
      {
        received: now.received - before.received,
        sent: now.sent - before.sent,
        receivedBytes: now.receivedBytes - before.receivedBytes,
        sentBytes: now.sentBytes - before.sentBytes,
        milliseconds: now.milliseconds - before.milliseconds,
      },
    );
  }
}

const NOTHING: Seen = { received: 0, sent: 0, receivedBytes: 0, sentBytes: 0, milliseconds: 0 };
