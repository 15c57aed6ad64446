import type { Sender } from '../support/play.ts';
import type { Verdict } from '../support/verdict.ts';
import { oracle } from './oracle.ts';

/** A frame header, read leniently: by its bytes alone. */
export interface Header {
  /** Offset of its first byte. */
  readonly start: number;
  readonly payloadAt: number;
  /** Offset behind its payload; may lie beyond the end of the stream. */
  readonly end: number;
  /** Bits of the length field: 7, 16 or 64. */
  readonly lengthBits: number;
  readonly length: bigint;
  /** Whether the length field is all there. */
  readonly measured: boolean;
}

export interface Deviation {
  readonly why: string;
  /** Whether a frame with this header is where we part with ws. */
  at(header: Header): boolean;
  /** What we fail it with. */
  readonly code: number;
}

/** Where Sallyport means to judge otherwise than ws does. Everything else has to agree. */
export const DEVIATIONS: Readonly<Record<string, Deviation>> = {
  lengthNotMinimal: {
    why: 'RFC 6455 §5.2: "the minimal number of bytes MUST be used"; ws takes longer forms',
    at: (header) => header.measured && header.length < BigInt(LEAST[header.lengthBits]!),
    code: 1002,
  },
  lengthHighBit: {
    why: 'RFC 6455 §5.2: "the most significant bit MUST be 0", a broken rule (1002); ws calls it too big (1009)',
    at: (header) => header.lengthBits === 64 && header.length >= 2n ** 63n,
    code: 1002,
  },
};

/** The least length that needs so many bits. */
const LEAST: Readonly<Record<number, number>> = { 7: 0, 16: 126, 64: 65_536 };

export interface Expectation {
  readonly verdict: Verdict;
  /** The deviation that decided; undefined where ws did. */
  readonly deviation: string | undefined;
}

/** What Sallyport should make of a stream: what ws does, save for the table above. */
export function expectationOf(bytes: Buffer, from: Sender): Expectation {
  const verdict = oracle(bytes, from);
  for (const header of headersOf(bytes)) {
    for (const [name, deviation] of Object.entries(DEVIATIONS)) {
      if (!deviation.at(header)) continue;
      const before = oracle(bytes.subarray(0, header.start), from);
      if (before.end !== 'open') return { verdict, deviation: undefined };
      return { verdict: { ...before, end: 'failed', code: deviation.code }, deviation: name };
    }
  }
  return { verdict, deviation: undefined };
}

/** The headers of a stream, as any lenient reader would find them. */
export function headersOf(bytes: Buffer): Header[] {
  const headers: Header[] = [];
  for (let at = 0; at + 1 < bytes.length; ) {
    const header = headerAt(bytes, at);
    headers.push(header);
    if (header.end > bytes.length) break;
    at = header.end;
  }
  return headers;
}

function headerAt(bytes: Buffer, start: number): Header {
  const short = bytes[start + 1]! & 0x7f;
  const width = short === 126 ? 2 : short === 127 ? 8 : 0;
  const field = bytes.subarray(start + 2, start + 2 + width);
  const measured = field.length === width;
  // A field that is cut short counts as if zeros followed: enough to see its highest bit.
  const length = width === 0 ? BigInt(short) : BigInt(`0x${field.toString('hex').padEnd(width * 2, '0')}`);
  const payloadAt = start + 2 + width + (bytes[start + 1]! & 0x80 ? 4 : 0);
  const end = payloadAt + Number(length);
  return { start, payloadAt, end, lengthBits: width * 8 || 7, length, measured };
}

/** The stream with its last header made whole by zeros, and its last payload if that takes few enough of them. */
export function completed(bytes: Buffer): Buffer {
  let whole = bytes;
  for (let i = 0; i < 16; i++) {
    const last = headersOf(Buffer.concat([whole, Buffer.alloc(1)])).at(-1);
    if (last && last.end <= whole.length) return whole;
    const wanted = !last?.measured ? whole.length + 1 : Math.max(last.payloadAt, whole.length);
    const missing = wanted > whole.length ? wanted - whole.length : last!.end - whole.length;
    if (missing > 100_000) return whole;
    whole = Buffer.concat([whole, Buffer.alloc(missing)]);
  }
  return whole;
}
