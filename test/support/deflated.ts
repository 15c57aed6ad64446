import { deflateRawSync, type ZlibOptions, constants as zlib } from 'node:zlib';

/** RFC 7692 §7.2.1: deflate, flush, and leave out the last four bytes, 00 00 ff ff. */
export function deflated(plain: Buffer, options: ZlibOptions = {}): Buffer {
  const whole = deflateRawSync(plain, { finishFlush: zlib.Z_SYNC_FLUSH, ...options });
  return whole.length > 4 ? whole.subarray(0, -4) : Buffer.from([0]);
}

/** Bytes that do not compress, the same ones each time. */
export function noise(length: number): Buffer {
  const out = Buffer.alloc(length);
  let state = 0x9e3779b9;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
    out[i] = state >>> 24;
  }
  return out;
}
