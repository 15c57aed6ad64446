import { MAX_CONTROL } from '../protocol/frames.ts';
import { maskInPlace } from '../protocol/mask.ts';

/** For payloads that lie whole in one chunk; used and forgotten before control goes back to the event loop. */
const shared = Buffer.alloc(MAX_CONTROL);

/** Collects the payload of a control frame, which may come in pieces, at most 125 bytes of it. */
export class ControlPayload {
  #pieces: Buffer | undefined = undefined;

  /** Takes `chunk[from..to)`, which lies at `offset` in a payload of `length` bytes. */
  collect(chunk: Buffer, from: number, to: number, offset: number, length: number): void {
    if (to - from < length) this.#pieces ??= Buffer.allocUnsafe(length);
    chunk.copy(this.#pieces ?? shared, offset, from, to);
  }

  /** The whole payload, unmasked; to be used at once. */
  take(length: number, key: number): Buffer {
    const payload = (this.#pieces ?? shared).subarray(0, length);
    this.#pieces = undefined;
    if (key !== 0) maskInPlace(payload, 0, length, key);
    return payload;
  }
}
