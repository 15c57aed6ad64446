import { inflateRawSync } from 'node:zlib';

/**
 * What ends a compressed message: the four bytes its sender left out (RFC 7692 section 7.2.2), and an empty final
 * block. With that one the data must come to an end of its own, so a truncated message is an error and not, as with a
 * mere flush, a shorter message.
 */
const TAIL = Buffer.from('0000ffff0300', 'hex');

/** Inflates one whole message, which kept no context from the one before. Never yields more than `maxBytes`. */
export function inflateMessage(
  compressed: Buffer,
  maxBytes: number,
): Buffer | 'message_too_big' | 'inflate_failed' {
  try {
    const { buffer, engine } = inflateRawSync(Buffer.concat([compressed, TAIL]), {
      maxOutputLength: Math.max(1, maxBytes),
      info: true,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    return endsAt(compressed, engine.bytesWritten) ? buffer : 'inflate_failed';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? 'message_too_big'
      : 'inflate_failed';
  }
}

/** A final block of the sender's own (section 7.2.3.4) may be followed by the padding that belongs to it, and no more. */
function endsAt(compressed: Buffer, consumed: number): boolean {
  const left = compressed.length - consumed;
  return left <= 0 || (left === 1 && compressed[consumed] === 0);
}
