import { randomBytes } from 'node:crypto';

/** RFC 6455 §5.2. The rest of the sixteen are reserved. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** RSV bits as they stand in `FrameSpec.rsv`. */
export const RSV1 = 4;
export const RSV2 = 2;
export const RSV3 = 1;

/** A frame to be sent, right or wrong: whatever is left out is as RFC 6455 wants it. */
export interface FrameSpec {
  readonly opcode: number;
  readonly payload?: Buffer;
  readonly fin?: boolean;
  /** Three bits, RSV1 the highest. */
  readonly rsv?: number;
  /** `wrong`: unmasked from a client, masked from a server. Four bytes: the key, if a client sends it. */
  readonly mask?: 'wrong' | Buffer;
  /** Bits of the length field; the shortest form where absent. */
  readonly lengthBits?: 7 | 16 | 64;
  /** What the length field says, where that is not the payload's length. Written in `lengthBits`, 64 by default. */
  readonly declares?: bigint;
}

/** A frame as it was received, unmasked. */
export interface RawFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

type Rest = Omit<FrameSpec, 'opcode' | 'payload'>;

/** A payload as bytes; text in UTF-8. */
export function bytes(payload: string | Buffer): Buffer {
  return typeof payload === 'string' ? Buffer.from(payload) : payload;
}

export function text(payload: string | Buffer, rest: Rest = {}): FrameSpec {
  return { opcode: OPCODE.text, payload: bytes(payload), ...rest };
}

export function binary(payload: string | Buffer, rest: Rest = {}): FrameSpec {
  return { opcode: OPCODE.binary, payload: bytes(payload), ...rest };
}

/** A continuation that ends its message, unless told otherwise. */
export function more(payload: string | Buffer, rest: Rest = {}): FrameSpec {
  return { opcode: OPCODE.continuation, payload: bytes(payload), ...rest };
}

export function ping(payload: string | Buffer = '', rest: Rest = {}): FrameSpec {
  return { opcode: OPCODE.ping, payload: bytes(payload), ...rest };
}

export function pong(payload: string | Buffer = '', rest: Rest = {}): FrameSpec {
  return { opcode: OPCODE.pong, payload: bytes(payload), ...rest };
}

/** A Close with this code (any 16-bit number) and reason; with no code its body is empty. */
export function close(code?: number, reason: string | Buffer = '', rest: Rest = {}): FrameSpec {
  return { opcode: OPCODE.close, payload: closeBody(code, bytes(reason)), ...rest };
}

function closeBody(code: number | undefined, reason: Buffer): Buffer {
  if (code === undefined) return Buffer.alloc(0);
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), reason]);
}

/** `not yet the last fragment`, written short. */
export const OPEN = { fin: false } as const;

/**
 * Writes a frame, RFC 6455 §5.2.
 *
 * @param client Whether a client sends it: then it is masked, unless the frame says otherwise.
 */
export function encode(spec: FrameSpec, client: boolean): Buffer {
  const payload = spec.payload ?? Buffer.alloc(0);
  const masked = spec.mask === 'wrong' ? !client : client;
  const first = (spec.fin === false ? 0 : 0x80) | ((spec.rsv ?? 0) << 4) | spec.opcode;
  const length = lengthField(spec, payload.length);
  length[0]! |= masked ? 0x80 : 0;
  if (!masked) return Buffer.concat([Buffer.from([first]), length, payload]);
  const key = Buffer.isBuffer(spec.mask) ? spec.mask : randomBytes(4);
  return Buffer.concat([Buffer.from([first]), length, key, applyMask(payload, key)]);
}

export function encodeAll(specs: readonly FrameSpec[], client: boolean): Buffer {
  return Buffer.concat(specs.map((spec) => encode(spec, client)));
}

function lengthField(spec: FrameSpec, actual: number): Buffer {
  const value = spec.declares ?? BigInt(actual);
  const bits =
    spec.lengthBits ?? (spec.declares !== undefined ? 64 : actual > 65_535 ? 64 : actual > 125 ? 16 : 7);
  if (bits === 7) return Buffer.from([Number(value)]);
  const field = Buffer.alloc(bits === 16 ? 3 : 9);
  field[0] = bits === 16 ? 126 : 127;
  if (bits === 16) field.writeUInt16BE(Number(value), 1);
  else field.writeBigUInt64BE(value, 1);
  return field;
}

/** RFC 6455 §5.3: its own inverse. Returns a copy. */
export function applyMask(payload: Buffer, key: Buffer): Buffer {
  const out = Buffer.allocUnsafe(payload.length);
  for (let i = 0; i < payload.length; i++) out[i] = payload[i]! ^ key[i & 3]!;
  return out;
}

/** Reads frames out of a stream and judges nothing: a test wants to see what really came. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #held = 0;
  #wanted = 2;

  push(chunk: Buffer): RawFrame[] {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    const frames: RawFrame[] = [];
    while (this.#held >= this.#wanted) {
      const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#held);
      const end = frameEnd(all);
      if (all.length < end) {
        this.#chunks = [all];
        this.#wanted = end;
        break;
      }
      frames.push(decode(all.subarray(0, end)));
      this.#chunks = [all.subarray(end)];
      this.#held -= end;
      this.#wanted = 2;
    }
    return frames;
  }
}

/** Where the first frame ends; where its header is not whole yet, how many bytes that takes. */
function frameEnd(all: Buffer): number {
  const short = all[1]! & 0x7f;
  const header = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (all[1]! & 0x80 ? 4 : 0);
  if (all.length < header) return header;
  const length = short === 126 ? all.readUInt16BE(2) : short === 127 ? Number(all.readBigUInt64BE(2)) : short;
  return header + length;
}

function decode(whole: Buffer): RawFrame {
  const short = whole[1]! & 0x7f;
  const masked = (whole[1]! & 0x80) !== 0;
  const keyAt = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  const body = whole.subarray(keyAt + (masked ? 4 : 0));
  return {
    fin: (whole[0]! & 0x80) !== 0,
    rsv: (whole[0]! >> 4) & 7,
    opcode: whole[0]! & 0x0f,
    masked,
    payload: masked ? applyMask(body, whole.subarray(keyAt, keyAt + 4)) : Buffer.from(body),
  };
}
