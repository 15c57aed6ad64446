import { z } from 'zod';
import { LocalBus } from './bus.ts';
import { askSentinels, type OpenNode, openNode } from './redis-client.ts';
import { RedisLink } from './redis-link.ts';
import type { RedisPlace } from './redis-place.ts';
import { type Json, StoreError } from './store.ts';

export interface RedisBusOptions {
  /** How long a message may take to be on its way, in milliseconds. */
  readonly timeout?: number;
  /** How often it is tried whether what is said is heard, in milliseconds; others notice by it what they have missed. */
  readonly interval?: number;
}

/** The largest message, in UTF-16 units: some kinds of news carry a thousand counts. */
const MAX_MESSAGE = 1_048_576;
/** How many others are followed. */
const MAX_NODES = 10_000;
/** One of whom nothing was heard for so many intervals is not followed any more. */
const SILENCE = 30;

/** Who says it, the how manieth of what it says this is, and what: nothing but that, or a message of a channel. */
const ENVELOPE = z.union([
  z.tuple([z.string().max(64), z.int()]),
  z.tuple([z.string().max(64), z.int(), z.string().max(256), z.json()]),
]);

interface Other {
  number: number;
  heardAt: number;
}

/**
 * A bus by the publish and subscribe of Redis, on a connection of its own: what others publish is never behind the commands
 * of a store. Redis keeps nothing for who is not there, so that each message has a number: after a gap in them, and after
 * each loss of the connection, whoever asked to know reads the store.
 */
export class RedisBus extends LocalBus {
  readonly #node: string;
  readonly #channel: string;
  readonly #interval: number;
  readonly #link: RedisLink<OpenNode>;
  readonly #others = new Map<string, Other>();
  #number = 0;
  #echo: () => void = () => {};

  constructor(place: RedisPlace, node: string, { timeout = 500, interval = 2_000 }: RedisBusOptions = {}) {
    super();
    this.#node = node;
    // Channels of Redis know no databases, and keys do.
    this.#channel = `sallyport:bus:${place.database}`;
    this.#interval = interval;
    this.#link = new RedisLink<OpenNode>({
      open: async (fault) => {
        const connection = await openAny(place, fault);
        await connection.subscribe(this.#channel, (text) => this.#hear(text));
        return connection;
      },
      probe: (connection) => this.#probe(connection),
      back: () => this.gap(),
      timeout,
      interval,
    });
  }

  /** Connects. Resolves after the first attempt, whether it succeeded or not: `trouble` says. */
  open(): Promise<void> {
    return this.#link.open();
  }

  /** Why others are not heard at the moment; undefined if they are. */
  get trouble(): string | undefined {
    return this.#link.trouble;
  }

  override async publish(channel: string, message: Json): Promise<void> {
    await super.publish(channel, message);
    const text = JSON.stringify([this.#node, ++this.#number, channel, message]);
    if (text.length > MAX_MESSAGE)
      throw new StoreError(`a message is at most ${MAX_MESSAGE} characters of JSON`);
    await this.#link.use(({ send }) => send(['PUBLISH', this.#channel, text]));
  }

  /** Tells all who want to know that something may have been missed. */
  gap(): void {
    this.missed();
  }

  override async close(): Promise<void> {
    this.#link.close();
    await super.close();
  }

  /** Says something to itself, and hears it. */
  async #probe({ send }: OpenNode): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      this.#echo = resolve;
    });
    await send(['PUBLISH', this.#channel, JSON.stringify([this.#node, this.#number])]);
    await heard;
    const since = performance.now() - SILENCE * this.#interval;
    for (const [node, { heardAt }] of this.#others) if (heardAt < since) this.#others.delete(node);
  }

  #hear(text: string): void {
    const said = envelopeOf(text);
    if (!said) return;
    const [node, number, channel, message] = said;
    if (node === this.#node) {
      if (channel === undefined) this.#echo();
      return;
    }
    const expected = this.#follow(node, channel === undefined ? number : number - 1);
    this.#others.set(node, { number, heardAt: performance.now() });
    if (channel !== undefined && message !== undefined) this.deliver(channel, message);
    if (!expected) this.gap();
  }

  /** Whether this is all that it had said before; somebody new has said nothing to us. */
  #follow(node: string, before: number): boolean {
    const known = this.#others.get(node);
    if (!known && this.#others.size >= MAX_NODES) this.#others.clear();
    return !known || known.number === before;
  }
}

/** Any node of a cluster hears what is published at any other. */
async function openAny(place: RedisPlace, fault: (error: unknown) => void): Promise<OpenNode> {
  if (place.form === 'sentinel') return openNode(place, await askSentinels(place), { fault });
  let failure: unknown = new StoreError('no server is named');
  for (const node of place.nodes) {
    try {
      return await openNode(place, node, { fault });
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function envelopeOf(text: string): z.output<typeof ENVELOPE> | undefined {
  try {
    return ENVELOPE.parse(JSON.parse(text));
  } catch {
    return undefined; // somebody else speaks on our channel
  }
}
