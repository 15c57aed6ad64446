import { z } from 'zod';
import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import { HEARTBEAT, LEASE } from './presence-news.ts';
import type { Json } from './store.ts';

/** Where a process stands, as operators know it. */
export interface Place {
  /** The same for all workers of one gateway, and for nobody else. */
  readonly gateway: string;
  /** What operators call the gateway. */
  readonly node: string;
  /** Which of its workers it is; absent where there is one process. */
  readonly worker?: number;
}

/** What became of a question to several processes. */
export interface Answers<T> {
  readonly values: readonly T[];
  /** Who did not answer, and why: `worker 2 has not answered within 5 s`. */
  readonly missing: readonly string[];
}

/** Answers what another gateway asks of this process. What it throws is told to who asked. */
export type Respond = (method: string, args: readonly unknown[]) => Promise<Json> | Json;

const CHANNEL = 'members';

/** How long others may take to answer, in milliseconds. */
const PATIENCE = 2_000;

/** More processes than any cluster has. */
const MOST = 10_000;

const name = z.string().max(64);

const MESSAGE = z.union([
  /** Somebody is there; whoever is new wants to know who else is. */
  z.strictObject({
    from: name,
    place: z.strictObject({ gateway: name, node: name, worker: z.int().exactOptional() }),
    asks: z.boolean(),
  }),
  /** This process is gone, or another that it knows to have ended. */
  z.strictObject({ from: name, gone: name }),
  z.strictObject({
    from: name,
    gateway: name,
    question: z.int(),
    method: name,
    args: z.array(z.unknown()).max(8),
  }),
  z.strictObject({ from: name, to: name, question: z.int(), value: z.unknown() }),
  z.strictObject({ from: name, to: name, question: z.int(), failed: z.string().max(1_024) }),
]);

type Message = z.output<typeof MESSAGE>;

interface Member {
  readonly place: Place;
  /** Monotonic milliseconds. */
  heardAt: number;
}

/** A question that is open. */
interface Open {
  /** Who has not answered yet. */
  readonly owed: Map<string, Place>;
  readonly values: unknown[];
  readonly missing: string[];
  done(): void;
}

export interface MembersParts {
  readonly bus: Bus;
  readonly clock: Clock;
  /** The name of this process. */
  readonly node: string;
  readonly place: Place;
}

/**
 * Who else there is: all processes that share a bus, by name and place. Each says every HEARTBEAT that it is there, and is
 * forgotten after LEASE. A question to those of other gateways is answered by each, or names who did not.
 */
export class Members {
  readonly #parts: MembersParts;
  readonly #respond: Respond;
  readonly #members = new Map<string, Member>();
  readonly #open = new Map<number, Open>();
  readonly #stops: (() => void)[] = [];
  #number = 0;

  constructor(parts: MembersParts, respond: Respond) {
    this.#parts = parts;
    this.#respond = respond;
  }

  start(): void {
    const { bus } = this.#parts;
    const heartbeat = setInterval(() => this.#beat(), HEARTBEAT).unref();
    this.#stops.push(
      bus.subscribe(CHANNEL, (message) => this.#hear(message)),
      bus.onGap(() => this.#tell(true)),
      () => clearInterval(heartbeat),
    );
    this.#tell(true);
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
    const { node } = this.#parts;
    void this.#publish({ from: node, gone: node }).catch(ignore);
    for (const { done } of this.#open.values()) done();
  }

  /** The process of this name has ended for certain: nobody waits for its answers. */
  bury(node: string): void {
    this.#members.delete(node);
    void this.#publish({ from: this.#parts.node, gone: node }).catch(ignore);
  }

  /** Asks every process of other gateways. Never rejects: who cannot be asked, or is too late, is named. */
  async ask(method: string, args: readonly unknown[]): Promise<Answers<unknown>> {
    const { node, place } = this.#parts;
    const question = ++this.#number;
    const others = [...this.#members].filter(([, member]) => member.place.gateway !== place.gateway);
    const open = {
      owed: new Map(others.map(([from, member]) => [from, member.place])),
      values: [],
      missing: [],
    };
    const answered = new Promise<void>((done) => {
      this.#open.set(question, { ...open, done });
    });
    try {
      await this.#publish({ from: node, gateway: place.gateway, question, method, args: [...args] });
      if (open.owed.size > 0) await within(answered, PATIENCE);
    } catch (error) {
      return { values: [], missing: [`other nodes cannot be asked: ${(error as Error).message}`] };
    } finally {
      this.#open.delete(question);
    }
    const late = [...open.owed.values()].map(
      (each) => `${nameOf(each)} has not answered within ${PATIENCE / 1_000} s`,
    );
    return { values: open.values, missing: [...open.missing, ...late] };
  }

  #beat(): void {
    const now = this.#parts.clock.monotonic();
    for (const [node, { heardAt }] of this.#members) if (now - heardAt >= LEASE) this.#members.delete(node);
    this.#tell(false);
  }

  #tell(asks: boolean): void {
    const { node, place } = this.#parts;
    void this.#publish({ from: node, place, asks }).catch(ignore); // it is told again with the next beat
  }

  #publish(message: Message): Promise<void> {
    // What is sent is JSON, and so is what is heard in the same process.
    return this.#parts.bus.publish(CHANNEL, JSON.parse(JSON.stringify(message)) as Json);
  }

  #hear(heard: Json): void {
    const { success, data: message } = MESSAGE.safeParse(heard);
    if (!success || message.from === this.#parts.node) return;
    if ('place' in message) this.#meet(message);
    else if ('gone' in message) this.#members.delete(message.gone);
    else if ('method' in message) void this.#answer(message);
    else if (message.to === this.#parts.node) this.#settle(message);
  }

  #meet({ from, place, asks }: Extract<Message, { place: unknown }>): void {
    const heardAt = this.#parts.clock.monotonic();
    if (this.#members.has(from) || this.#members.size < MOST) this.#members.set(from, { place, heardAt });
    if (asks) this.#tell(false);
  }

  async #answer({
    from,
    gateway,
    question,
    method,
    args,
  }: Extract<Message, { method: string }>): Promise<void> {
    if (gateway === this.#parts.place.gateway) return; // it asks those of its own itself
    const head = { from: this.#parts.node, to: from, question };
    try {
      await this.#publish({ ...head, value: await this.#respond(method, args) });
    } catch (error) {
      const failed = String((error as Error).message).slice(0, 1_024);
      await this.#publish({ ...head, failed }).catch(ignore); // whoever asked names this one then
    }
  }

  #settle(answer: Extract<Message, { to: string }>): void {
    const open = this.#open.get(answer.question);
    const place = open?.owed.get(answer.from);
    if (!open || !place) return;
    open.owed.delete(answer.from);
    if ('failed' in answer) open.missing.push(`${nameOf(place)} has failed: ${answer.failed}`);
    else open.values.push(answer.value);
    if (open.owed.size === 0) open.done();
  }
}

function nameOf({ node, worker }: Place): string {
  return worker === undefined ? `node ${node}` : `worker ${worker} of node ${node}`;
}

function within(promise: Promise<void>, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    void promise.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const ignore = (): void => {};
