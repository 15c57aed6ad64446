import type { Duplex } from 'node:stream';
import { constants, inflateRawSync } from 'node:zlib';
import { close, encode, type RawFrame } from '../support/raw-frames.ts';
import { deflating } from './answers.ts';
import type { Manners } from './gullible.ts';

/** Inflates each message, and closes where it becomes too much: in bytes, or in bytes for each that came. */
export function inflating(limits: { readonly bytes?: number; readonly ratio?: number }): Manners {
  const { bytes = 1_048_576, ratio = Number.POSITIVE_INFINITY } = limits;
  return {
    answer: deflating,
    onFrame({ rsv, payload }: RawFrame, socket: Duplex): boolean {
      if (rsv !== 4) return false;
      const inflated = sizeOf(payload, bytes);
      if (inflated === undefined || inflated > payload.length * ratio) socket.end(encode(close(1009), false));
      return true;
    },
  };
}

/** How many bytes it becomes; undefined for more than these. */
function sizeOf(payload: Buffer, most: number): number | undefined {
  try {
    const whole = Buffer.concat([payload, Buffer.from('0000ffff', 'hex')]); // RFC 7692 §7.2.2
    return inflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: most }).length;
  } catch {
    return undefined;
  }
}
