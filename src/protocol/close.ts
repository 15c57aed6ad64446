import { isUtf8 } from 'node:buffer';
import { isWireCode } from './close-codes.ts';

/** Of a close reason (RFC 6455 section 5.5: a control frame holds 125 bytes, two are the code). */
export const MAX_REASON = 123;

export interface CloseBody {
  /** Undefined for an empty body, which an API would show as 1005. */
  readonly code: number | undefined;
  readonly reason: string;
}

/** What is wrong with a Close: one byte alone or a code that may not be sent (1002), or a reason that is not text (1007). */
export type CloseFault = 'length' | 'code' | 'text';

/** Reads the payload of a Close frame (RFC 6455 sections 5.5.1 and 7.4). */
export function parseClose(payload: Buffer): CloseBody | CloseFault {
  if (payload.length === 0) return { code: undefined, reason: '' };
  if (payload.length === 1) return 'length';
  const code = payload.readUInt16BE(0);
  if (!isWireCode(code)) return 'code';
  const reason = payload.subarray(2);
  if (!isUtf8(reason)) return 'text';
  return { code, reason: reason.toString('utf8') };
}

/** The payload of a Close frame. The reason is cut at 123 bytes, never inside a character; without a code it is empty. */
export function formatClose(code: number | undefined, reason: string): Buffer {
  if (code === undefined) return Buffer.alloc(0);
  if (!isWireCode(code)) throw new RangeError(`${code} must not be sent in a Close frame`);
  const text = cutReason(reason);
  const payload = Buffer.allocUnsafe(2 + text.length);
  payload.writeUInt16BE(code, 0);
  text.copy(payload, 2);
  return payload;
}

/** A reason as UTF-8, at most 123 bytes of it, and only whole characters. */
function cutReason(reason: string): Buffer {
  const text = Buffer.from(reason);
  if (text.length <= MAX_REASON) return text;
  let end = MAX_REASON;
  while ((text[end]! & 0xc0) === 0x80) end--; // a continuation byte: the character began before
  return text.subarray(0, end);
}
