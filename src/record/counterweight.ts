import { getHeapStatistics } from 'node:v8';
import { MessageChannel, type MessagePort } from 'node:worker_threads';

/** What Node reports of an open TLS socket as memory outside of the heap, in bytes: nearly all of it its buffers. */
export const TLS_SOCKET = 118_000;

/** A piece is given back for every so many bytes of sockets. V8 bears 64 MiB; 4 are not felt. */
const PIECE = 4 * 1_048_576;

/** As much as 9,000 sockets; of the heap's limit at most this part, for from half of it on V8 collects at once. */
const MOST = 1_024 * 1_048_576;
const OF_HEAP = 1 / 4;

/** With fewer sockets than this nothing is put up: no collection comes of them. */
const MANY = 100;

/** Sockets come and go around the edge of a piece; so much more has to be missing until one is put up again, in bytes. */
const PLAY = PIECE / 2;

/** Calls back in the next turn of the event loop. */
type Later = (callback: () => void) => unknown;

/**
 * Keeps V8 from collecting garbage because sockets open.
 *
 * Whenever memory outside of the heap has grown by 64 MiB, V8 collects the whole heap, for buffers might be freed with
 * what holds them. Those of a TLS socket are not: they are freed when it closes. Yet 550 new connections are 64 MiB, and
 * when thousands return at once, collection follows collection, and those who are connected wait for each of them
 * (docs/performance.md has the figures). So address space is reserved that nobody writes to and that takes no memory;
 * each socket that opens has some of it given back, each that closes has some reserved again, and the sum does not move.
 *
 * One for the process, as there is one heap.
 */
export class Counterweight {
  readonly #most: number;
  readonly #later: Later;
  readonly #pieces: ArrayBuffer[] = [];
  /** What is sent to a port without another end is gone at once, on every version of Node. There once it is put up. */
  #nowhere: MessagePort | undefined;
  #sockets = 0;
  #reserving = false;

  constructor(
    most = Math.min(MOST, getHeapStatistics().heap_size_limit * OF_HEAP),
    later: Later = setImmediate,
  ) {
    this.#most = most;
    this.#later = later;
  }

  /** Address space that is reserved, in bytes. */
  get reserved(): number {
    return this.#pieces.length * PIECE;
  }

  /** A TLS socket opens. */
  add(): void {
    this.#sockets++;
    if (!this.#nowhere) {
      if (this.#sockets < MANY) return;
      this.#nowhere = closedPort();
      this.#reserve();
    }
    while (this.#missing < 0) {
      const piece = this.#pieces.pop();
      if (!piece) return;
      this.#nowhere.postMessage(null, [piece]);
    }
  }

  /** It has closed. */
  remove(): void {
    this.#sockets--;
    if (this.#nowhere && this.#missing >= PIECE + PLAY) this.#reserve();
  }

  /** By how many bytes sockets and pieces together are less than they should be. */
  get #missing(): number {
    return this.#most - this.#sockets * TLS_SOCKET - this.reserved;
  }

  /** One piece in each turn of the event loop: V8 may collect meanwhile, which is then done bit by bit. */
  #reserve(): void {
    if (this.#reserving) return;
    this.#reserving = true;
    this.#later(() => {
      this.#reserving = false;
      if (this.#missing < PIECE) return;
      const piece = newPiece();
      if (!piece) return; // tried again when the next one closes
      this.#pieces.push(piece);
      this.#reserve();
    });
  }
}

/** A resizable buffer has its own pages, so nothing is written to it; undefined if there is no address space for it. */
function newPiece(): ArrayBuffer | undefined {
  const Resizable = ArrayBuffer as new (bytes: number, options: { maxByteLength: number }) => ArrayBuffer; // ES2024
  try {
    return new Resizable(PIECE, { maxByteLength: PIECE });
  } catch {
    return undefined;
  }
}

function closedPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
}

export const counterweight = new Counterweight();
