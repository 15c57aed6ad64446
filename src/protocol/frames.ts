/** RFC 6455 section 5.2, and the registry of section 11.8: every opcode there is. */
export const OPCODE = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** Of a control frame's payload (RFC 6455 section 5.5), in bytes. */
export const MAX_CONTROL = 125;

/** The longest header: two bytes, a 64-bit length and a mask (RFC 6455 section 5.2). */
export const MAX_HEADER = 14;

/** What a scanner may find wrong with a header, in words for the operator. Each one fails the connection with 1002. */
export const FRAME_FAULTS = {
  reservedBit: 'a reserved bit is set that no extension gives a meaning', // RFC 6455 §5.2, RFC 7692 §6
  opcode: 'the opcode is reserved', // RFC 6455 §5.2
  unmasked: 'a client frame is not masked', // RFC 6455 §5.1
  masked: 'a server frame is masked', // RFC 6455 §5.1
  controlFragmented: 'a control frame is fragmented', // RFC 6455 §5.5
  controlTooLong: 'a control frame is longer than 125 bytes', // RFC 6455 §5.5
  continuation: 'a continuation has no message to continue', // RFC 6455 §5.4
  interleaved: 'a message begins before the last one ended', // RFC 6455 §5.4
  lengthNotMinimal: 'the length is not in its shortest form', // RFC 6455 §5.2
  lengthHighBit: 'the highest bit of a 64-bit length is set', // RFC 6455 §5.2
} as const;

export type FrameFault = keyof typeof FRAME_FAULTS;

/** Where in a frame the scanner stands: the boxes of RFC 6455 section 5.2, from left to right. */
export const STATE = { first: 0, second: 1, length: 2, key: 3, payload: 4 } as const;

/**
 * Reads frame headers, one byte after the other, from chunks that may be cut anywhere.
 *
 * The one who drives it reads the payload: when `state` is `payload`, the next `remaining` bytes are that, and
 * `consume` counts them off. It checks everything a header can break, and stops for good at the first `fault`.
 * It allocates nothing.
 */
export class FrameScanner {
  state: number = STATE.first;
  fault: FrameFault | undefined = undefined;

  // The frame at hand: valid while `state` is `payload`, and after it until the next header begins.
  final = false;
  opcode = 0;
  /** Payload bytes. Beyond 2^53 it is not exact, but by then it is over any limit. */
  length = 0;
  /** Payload bytes that have not come yet. */
  remaining = 0;
  /** The mask, its first byte lowest; 0 for frames without one. */
  key = 0;

  // The message at hand, which the frame may be one fragment of.
  /** Text or binary; 0 between messages. Control frames leave it as it is. */
  kind = 0;
  /** RSV1 of its first frame (RFC 7692 section 6). */
  compressed = false;

  readonly #masked: boolean;
  readonly #deflate: boolean;
  /** Bytes that the length or the key still lacks. */
  #lacking = 0;
  #wide = false;

  /** @param masked whether frames must be masked (a client's) or must not be (a server's)
   *  @param deflate whether permessage-deflate was negotiated, so that RSV1 has a meaning */
  constructor(masked: boolean, deflate: boolean) {
    this.#masked = masked;
    this.#deflate = deflate;
  }

  get control(): boolean {
    return this.opcode >= OPCODE.close;
  }

  /** Whether a frame has begun and not ended, or a message waits for its next fragment. */
  get incomplete(): boolean {
    return this.state !== STATE.first || this.kind !== 0;
  }

  /**
   * Reads header bytes of `chunk` from `at` on, and returns where it stopped: behind the header (`state` is
   * `payload`), behind the byte that is wrong (`fault` is set), or at the chunk's end with the header unfinished.
   */
  readHeader(chunk: Uint8Array, at: number): number {
    const end = chunk.length;
    while (at < end && this.state !== STATE.payload && this.fault === undefined) {
      const byte = chunk[at++]!;
      switch (this.state) {
        case STATE.first:
          this.#first(byte);
          break;
        case STATE.second:
          this.#second(byte);
          break;
        case STATE.length:
          this.#longer(byte);
          break;
        default:
          this.key |= byte << (8 * (4 - this.#lacking));
          if (--this.#lacking === 0) this.state = STATE.payload;
      }
    }
    return at;
  }

  /** Counts off payload bytes. Behind the last one the next header begins, and a final fragment ends its message. */
  consume(bytes: number): void {
    this.remaining -= bytes;
    if (this.remaining > 0) return;
    this.state = STATE.first;
    if (this.final && this.opcode < OPCODE.close) this.kind = 0;
  }

  /** FIN, RSV1–3 and the opcode. */
  #first(byte: number): void {
    const opcode = byte & 0x0f;
    this.opcode = opcode;
    this.final = (byte & 0x80) !== 0;
    if (opcode >= OPCODE.close) this.#control(byte, opcode);
    else this.#data(byte, opcode);
    this.state = STATE.second;
  }

  #control(byte: number, opcode: number): void {
    if (opcode > OPCODE.pong) this.fault = 'opcode';
    else if (byte & 0x70) this.fault = 'reservedBit';
    else if (!this.final) this.fault = 'controlFragmented';
  }

  #data(byte: number, opcode: number): void {
    if (opcode > OPCODE.binary) {
      this.fault = 'opcode';
    } else if (opcode === OPCODE.continuation) {
      if (byte & 0x70) this.fault = 'reservedBit';
      else if (this.kind === 0) this.fault = 'continuation';
    } else {
      this.compressed = (byte & 0x40) !== 0;
      if (byte & (this.#deflate ? 0x30 : 0x70)) this.fault = 'reservedBit';
      else if (this.kind !== 0) this.fault = 'interleaved';
      else this.kind = opcode;
    }
  }

  /** MASK and the 7-bit length. */
  #second(byte: number): void {
    const masked = (byte & 0x80) !== 0;
    const length = byte & 0x7f;
    if (masked !== this.#masked) this.fault = masked ? 'masked' : 'unmasked';
    else if (length > MAX_CONTROL && this.opcode >= OPCODE.close) this.fault = 'controlTooLong';
    this.key = 0;
    if (length <= 125) {
      this.#measured(length);
    } else {
      this.length = 0;
      this.#wide = length === 127;
      this.#lacking = this.#wide ? 8 : 2;
      this.state = STATE.length;
    }
  }

  /** One byte of the 16-bit or 64-bit length. */
  #longer(byte: number): void {
    if (this.#lacking === 8 && byte & 0x80) this.fault = 'lengthHighBit';
    this.length = this.length * 256 + byte;
    if (--this.#lacking > 0) return;
    if (this.length < (this.#wide ? 0x10000 : 126)) this.fault = 'lengthNotMinimal';
    this.#measured(this.length);
  }

  #measured(length: number): void {
    if (this.fault !== undefined) return; // the payload of a frame that is none is never reached
    this.length = length;
    this.remaining = length;
    this.#lacking = 4;
    this.state = this.#masked ? STATE.key : STATE.payload;
  }
}
