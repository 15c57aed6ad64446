import { ClientError } from './error.ts';
import type { Sendable } from './platform.ts';

/** What becomes of a message that does not fit. */
export type QueuePolicy = 'drop-oldest' | 'drop-newest' | 'reject' | 'close';

/** The bounds of what waits to be sent. */
export interface QueueOptions {
  /** 1,000 if left out. */
  readonly messages?: number;
  /** In bytes, text as UTF-8. 1,048,576 (1 MiB) if left out. */
  readonly bytes?: number;
  /**
   * Forget the first that waits, or the one that comes; `reject`: `send` throws `queue_full`; `close`: the client ends.
   * `reject` if left out.
   */
  readonly policy?: QueuePolicy;
}

interface Entry {
  readonly data: Sendable;
  readonly bytes: number;
}

/** Messages in order, bounded in number and bytes. */
export class Queue {
  readonly #options: Required<QueueOptions>;
  #entries: Entry[] = [];
  #bytes = 0;

  constructor(options: Required<QueueOptions>) {
    this.#options = options;
  }

  get length(): number {
    return this.#entries.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes a message as it is now: what the caller does to its buffer later changes nothing. `full` if the policy is to
   * close. Throws `queue_full` if it is to reject, or if no room that could be made would do; a TypeError for what is no message.
   */
  push(data: Sendable): 'taken' | 'dropped' | 'full' {
    const entry = { data: copyOf(data), bytes: bytesOf(data) };
    const { policy, bytes, messages } = this.#options;
    if (!this.#fits(entry.bytes)) {
      if (policy === 'close') return 'full';
      if (policy === 'drop-newest') return 'dropped';
      if (policy === 'reject' || entry.bytes > bytes || messages < 1) throw new ClientError('queue_full');
      while (!this.#fits(entry.bytes)) this.shift();
    }
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
    return 'taken';
  }

  /** The first message, which waits no longer. */
  shift(): Sendable | undefined {
    const entry = this.#entries.shift();
    if (entry === undefined) return undefined;
    this.#bytes -= entry.bytes;
    return entry.data;
  }

  clear(): void {
    this.#entries = [];
    this.#bytes = 0;
  }

  #fits(bytes: number): boolean {
    return this.length < this.#options.messages && this.#bytes + bytes <= this.#options.bytes;
  }
}

const encoder = new TextEncoder();

/** The size of a message in bytes, text as UTF-8. Throws a TypeError for what is none. */
export function bytesOf(data: Sendable): number {
  if (typeof data === 'string') return encoder.encode(data).byteLength;
  const bytes = 'size' in data ? data.size : data.byteLength;
  if (bytes >= 0) return bytes;
  throw new TypeError('only text, bytes and Blobs can be sent');
}

/** A message as it is now: what its sender does to a buffer later changes nothing. */
export function copyOf(data: Sendable): Sendable {
  if (data instanceof ArrayBuffer) return data.slice(0);
  if (!ArrayBuffer.isView(data)) return data;
  return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
}
