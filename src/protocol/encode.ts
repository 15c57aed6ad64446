import { randomFillSync } from 'node:crypto';
import { formatClose } from './close.ts';
import { OPCODE } from './frames.ts';
import { maskInPlace } from './mask.ts';

/** A whole message, or a control frame, in one frame. `masked` for those we send as a client (RFC 6455 section 5.3). */
export function encodeFrame(opcode: number, payload: Uint8Array, masked: boolean): Buffer {
  const length = payload.length;
  const extended = length < 126 ? 0 : length < 0x10000 ? 2 : 8;
  const start = 2 + extended + (masked ? 4 : 0);
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = 0x80 | opcode;
  frame[1] = (masked ? 0x80 : 0) | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) frame.writeUInt16BE(length, 2);
  else if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.set(payload, start);
  if (masked) {
    const key = nextKey();
    frame.writeInt32LE(key, start - 4);
    maskInPlace(frame, start, frame.length, key);
  }
  return frame;
}

/** A text message. */
export function encodeText(text: string, masked: boolean): Buffer {
  return encodeFrame(OPCODE.text, Buffer.from(text), masked);
}

/** A Close with this code and reason, or with an empty body where there is no code (RFC 6455 section 5.5.1). */
export function encodeClose(code: number | undefined, reason: string, masked: boolean): Buffer {
  return encodeFrame(OPCODE.close, formatClose(code, reason), masked);
}

const NOTHING = Buffer.alloc(0);

/** A Ping without a payload: what we send to see whether a peer is there. */
export function encodePing(masked: boolean): Buffer {
  return encodeFrame(OPCODE.ping, NOTHING, masked);
}

/** Random keys are drawn in blocks: a call for four bytes costs as much as one for a thousand. */
const keys = new Int32Array(256);
let used = keys.length;

/** A mask that nobody can foresee (RFC 6455 sections 5.3 and 10.3). */
function nextKey(): number {
  if (used === keys.length) {
    randomFillSync(keys);
    used = 0;
  }
  return keys[used++]!;
}
