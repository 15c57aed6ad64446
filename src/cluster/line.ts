import type { Duplex } from 'node:stream';

export interface Line {
  readonly text: string;
  /** What came behind it. */
  readonly rest: Buffer;
}

const NEWLINE = 0x0a;

/**
 * Reads one line, and no further: the stream is paused behind it. Rejects if it is longer than `most` bytes, does not come
 * within so many milliseconds, or never will.
 */
export function readLine(stream: Duplex, most: number, within: number): Promise<Line> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (error: Error | undefined, line?: Line): void => {
      clearTimeout(timer);
      stream.off('data', onData).off('end', onEnd).off('close', onEnd).pause();
      if (line) resolve(line);
      else reject(error);
    };
    const onEnd = (): void => settle(new Error('ended'));
    const onData = (chunk: Buffer): void => {
      const at = chunk.indexOf(NEWLINE);
      chunks.push(chunk);
      length += chunk.length;
      const end = at < 0 ? length : length - chunk.length + at;
      if (end > most) {
        settle(new Error('too long'));
      } else if (at >= 0) {
        const all = Buffer.concat(chunks);
        settle(undefined, { text: all.toString('utf8', 0, end), rest: all.subarray(end + 1) });
      }
    };
    const timer = setTimeout(() => settle(new Error('too late')), within);
    if (stream.destroyed || stream.readableEnded) onEnd();
    else stream.on('data', onData).on('end', onEnd).on('close', onEnd).resume();
  });
}
