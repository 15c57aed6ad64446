import { z } from 'zod';
import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import type { Presence } from './presence.ts';

const CHANNEL = 'presence';

/** How long what has changed is gathered before it is told, in milliseconds: for so long two nodes may both see a last seat. */
const GATHER = 20;

/** How often a node says that it is still there, in milliseconds. */
export const HEARTBEAT = 2_000;

/** A node of which nothing was heard for so long is gone, and its seats with it, in milliseconds. */
export const LEASE = 10_000;

/** Keys in one message. */
const MOST = 1_000;

const NEWS = z.union([
  /** Numbered, so that a gap is noticed; `whole` begins a full account. */
  z.strictObject({
    node: z.string().max(64),
    number: z.int(),
    whole: z.boolean(),
    counts: z.array(z.tuple([z.string().max(4_096), z.int().min(0)]).readonly()).max(MOST),
  }),
  /** Somebody wants a full account, from one node or from all. */
  z.strictObject({ node: z.string().max(64), ask: z.string().max(64) }),
  /** Another one's process has ended: who says so has seen it. */
  z.strictObject({ node: z.string().max(64), ended: z.string().max(64) }),
]);

/** Processes that are known to have ended: news of theirs may still be under way. */
const ENDED = 1_000;

/** What was last heard of a node: the number of its news, and when, in monotonic milliseconds. */
interface Known {
  number: number;
  heardAt: number;
}

export interface PresenceNewsParts {
  readonly presence: Presence;
  readonly bus: Bus;
  readonly node: string;
  readonly clock: Clock;
}

/**
 * Tells other nodes how many seats are held here, and counts theirs: so that a limit on connections holds over all of them.
 * Counts, not changes, are told, and what was missed is asked for again; a node that falls silent is forgotten after LEASE.
 */
export class PresenceNews {
  readonly #parts: PresenceNewsParts;
  readonly #known = new Map<string, Known>();
  readonly #askedAt = new Map<string, number>();
  readonly #ended = new Set<string>();
  readonly #changed = new Set<string>();
  readonly #stop: (() => void)[] = [];
  #gathering: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #number = 0;

  constructor(parts: PresenceNewsParts) {
    this.#parts = parts;
  }

  start(): void {
    const { presence, bus } = this.#parts;
    presence.changed = (key) => this.#note(key);
    this.#stop.push(
      bus.subscribe(CHANNEL, (message) => this.#hear(message)),
      bus.onGap(() => this.#meet()),
    );
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT).unref();
    this.#meet();
  }

  /** Tells others that nobody sits here any more. */
  stop(): void {
    const { presence } = this.#parts;
    presence.changed = undefined;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#gathering);
    for (const stop of this.#stop.splice(0)) stop();
    this.#tell(true, []);
    for (const node of this.#known.keys()) presence.forget(node);
    this.#known.clear();
  }

  /** The process of this name has ended for certain, and its sockets with it: nobody waits for its lease. */
  bury(node: string): void {
    this.#bury(node);
    this.#publish({ node: this.#parts.node, ended: node });
  }

  #bury(node: string): void {
    const [oldest] = this.#ended;
    if (this.#ended.size >= ENDED && oldest !== undefined) this.#ended.delete(oldest);
    this.#ended.add(node);
    this.#forget(node);
  }

  #forget(node: string): void {
    this.#known.delete(node);
    this.#askedAt.delete(node);
    this.#parts.presence.forget(node);
  }

  #meet(): void {
    this.#tellAll();
    this.#publish({ node: this.#parts.node, ask: '' });
  }

  #beat(): void {
    const now = this.#parts.clock.monotonic();
    this.#flush(true);
    for (const [node, { heardAt }] of this.#known) if (now - heardAt >= LEASE) this.#forget(node);
  }

  #note(key: string): void {
    this.#changed.add(key);
    this.#gathering ??= setTimeout(() => this.#flush(false), GATHER).unref();
  }

  #flush(always: boolean): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const counts = this.#parts.presence.own(this.#changed);
    this.#changed.clear();
    if (always || counts.length > 0) this.#tell(false, counts);
  }

  #tellAll(): void {
    this.#changed.clear();
    this.#tell(true, this.#parts.presence.own());
  }

  /** In as many messages as it takes; the first of a full account says that it is one. */
  #tell(whole: boolean, counts: ReturnType<Presence['own']>): void {
    const { node } = this.#parts;
    for (let at = 0; at === 0 || at < counts.length; at += MOST) {
      const part = counts.slice(at, at + MOST);
      this.#publish({ node, number: ++this.#number, whole: whole && at === 0, counts: part });
    }
  }

  /** Who could not be told hears it with the next full account: the bus says that there was a gap. */
  #publish(news: z.input<typeof NEWS>): void {
    this.#parts.bus.publish(CHANNEL, news).catch(() => undefined);
  }

  /** Wants a full account, and does not nag. */
  #ask(node: string, now: number): void {
    if (now - (this.#askedAt.get(node) ?? Number.NEGATIVE_INFINITY) < HEARTBEAT) return;
    this.#askedAt.set(node, now);
    this.#publish({ node: this.#parts.node, ask: node });
  }

  #hear(message: unknown): void {
    const { node: self, presence, clock } = this.#parts;
    const { success, data: news } = NEWS.safeParse(message);
    if (!success || news.node === self || this.#ended.has(news.node)) return;
    if ('ended' in news) {
      if (news.ended !== self) this.#bury(news.ended);
      return;
    }
    if ('ask' in news) {
      if (news.ask === '' || news.ask === self) this.#tellAll();
      return;
    }
    const { node, number, whole, counts } = news;
    const now = clock.monotonic();
    const known = this.#known.get(node) ?? { number: -1, heardAt: now };
    const missed = !whole && number !== known.number + 1;
    this.#known.set(node, known);
    known.heardAt = now;
    if (missed) this.#ask(node, now);
    if (missed) return;
    known.number = number;
    if (whole) presence.forget(node);
    presence.heard(node, counts);
  }
}
