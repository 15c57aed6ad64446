/** `upstream` leads from who connected to the target, `downstream` back. */
export type Direction = 'upstream' | 'downstream';

/** What goes wrong in one direction; the names are toxiproxy's. All of it at once, if need be. */
export interface Toxics {
  /** Everything comes later: by so many milliseconds, give or take the jitter, in order. */
  readonly latency?: { readonly delay: number; readonly jitter?: number };
  /** So many bytes a second pass. */
  readonly bandwidth?: number;
  /** Cut into pieces of this size, give or take the variation, with a pause in milliseconds between them. */
  readonly slicer?: { readonly size: number; readonly variation?: number; readonly delay?: number };
  /** After so many bytes of a connection it is ended, as by a FIN. */
  readonly limitData?: number;
  /** After so many bytes of a connection it is reset, both sides. */
  readonly resetPeer?: number;
  /** The end of the stream is passed on only after so many milliseconds. */
  readonly slowClose?: number;
  /** Nothing passes; the connection is reset after so many milliseconds. 0: never, a black hole, and what was held passes when it is gone. */
  readonly timeout?: number;
}

/** A generator of numbers from 0 up to 1: the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A number around `middle`, no further away than `spread`, and not below `least`. */
export function around(middle: number, spread: number, least: number, random: () => number): number {
  return Math.max(least, middle + (random() * 2 - 1) * spread);
}
