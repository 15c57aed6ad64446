import { randomBytes } from 'node:crypto';
import { OPCODE } from '../../protocol/frames.ts';

/** A frame to be sent, right or wrong: what is left out is as RFC 6455 §5.2 wants it from a client. */
export interface FrameSpec {
  readonly opcode: number;
  readonly payload?: Buffer;
  /** True where absent. */
  readonly fin?: boolean;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  readonly rsv?: number;
  readonly unmasked?: true;
  /** Bits of the length field; the shortest form where absent. */
  readonly lengthBits?: 7 | 16 | 64;
  /** What the length field says, where that is not the payload's length. */
  readonly declares?: bigint;
}

/** A frame as it came. */
export interface Frame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

type Rest = Omit<FrameSpec, 'opcode' | 'payload'>;

/** A text frame. */
export function text(payload: string | Buffer, rest: Rest = {}): FrameSpec {
  return { opcode: OPCODE.text, payload: Buffer.from(payload), ...rest };
}

/** A continuation. */
export function more(payload: string | Buffer, rest: Rest = {}): FrameSpec {
  return { opcode: OPCODE.continuation, payload: Buffer.from(payload), ...rest };
}

/** A Ping. */
export function ping(payload: string | Buffer = '', rest: Rest = {}): FrameSpec {
  return { opcode: OPCODE.ping, payload: Buffer.from(payload), ...rest };
}

/** A Close with this code, any 16-bit number, and reason; with no code its body is empty. */
export function close(code?: number, reason: string | Buffer = ''): FrameSpec {
  const head = code === undefined ? [] : [code >> 8, code & 0xff];
  return { opcode: OPCODE.close, payload: Buffer.concat([Buffer.from(head), Buffer.from(reason)]) };
}

/** Writes frames as a client does, RFC 6455 §5.2. `newKey` makes the masking key of each: four bytes. */
export function encodeFrames(specs: readonly FrameSpec[], newKey = (): Buffer => randomBytes(4)): Buffer {
  return Buffer.concat(specs.flatMap((spec) => encodeOne(spec, newKey)));
}

function encodeOne(spec: FrameSpec, newKey: () => Buffer): Buffer[] {
  const payload = spec.payload ?? Buffer.alloc(0);
  const first = (spec.fin === false ? 0 : 0x80) | ((spec.rsv ?? 0) << 4) | spec.opcode;
  const length = lengthField(spec, payload.length);
  if (spec.unmasked) return [Buffer.from([first]), length, payload];
  length[0]! |= 0x80;
  const key = newKey();
  return [Buffer.from([first]), length, key, masked(payload, key)];
}

function lengthField({ declares, lengthBits }: FrameSpec, actual: number): Buffer {
  const value = declares ?? BigInt(actual);
  const bits = lengthBits ?? (value > 65_535n ? 64 : value > 125n ? 16 : 7);
  if (bits === 7) return Buffer.from([Number(value)]);
  const field = Buffer.alloc(bits === 16 ? 3 : 9);
  field[0] = bits === 16 ? 126 : 127;
  if (bits === 16) field.writeUInt16BE(Number(value), 1);
  else field.writeBigUInt64BE(value, 1);
  return field;
}

/** RFC 6455 §5.3: its own inverse. */
function masked(payload: Buffer, key: Buffer): Buffer {
  const out = Buffer.allocUnsafe(payload.length);
  for (let i = 0; i < payload.length; i++) out[i] = payload[i]! ^ key[i & 3]!;
  return out;
}

/** Reads one frame off the front of these bytes, and judges nothing. Undefined if it is not whole yet. */
export function decodeFrame(bytes: Buffer): { readonly frame: Frame; readonly size: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 0x7f;
  const wide = short === 126 ? 2 : short === 127 ? 8 : 0;
  const isMasked = (bytes[1]! & 0x80) !== 0;
  const start = 2 + wide + (isMasked ? 4 : 0);
  if (bytes.length < start) return undefined;
  const length = wide === 2 ? bytes.readUInt16BE(2) : wide === 8 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (bytes.length < start + length) return undefined;
  const body = bytes.subarray(start, start + length);
  return {
    frame: {
      fin: (bytes[0]! & 0x80) !== 0,
      rsv: (bytes[0]! >> 4) & 7,
      opcode: bytes[0]! & 0x0f,
      masked: isMasked,
      payload: isMasked ? masked(body, bytes.subarray(start - 4, start)) : Buffer.from(body),
    },
    size: start + length,
  };
}
