import { type DestinationStream, type Logger, pino } from 'pino';
import type { Level } from './events.ts';
import type { FieldValue } from './recorder.ts';

export interface LogOptions {
  /** Events below it are counted and not logged. */
  readonly level: Level | 'silent';
  /** A file to append to, a file descriptor, or a stream; standard output where absent. */
  readonly destination?: string | number | DestinationStream;
  /** How much may wait to be written, in bytes; what comes beyond it is lost, and counted. */
  readonly bufferBytes?: number;
  /** The number of the worker process, for each line; left out, there is one process. */
  readonly worker?: number;
  /** Wall time in milliseconds. */
  readonly now: () => number;
  /** Told when the destination takes lines again after it lost some: how many, and why. */
  readonly recovered?: (lost: number, trouble: string) => void;
}

/** What pino's own destination is, as far as it is used here. */
type Sink = ReturnType<typeof pino.destination>;

const BUFFER = 4 * 1_048_576;

/** How long `close` waits for the destination, in milliseconds. */
const CLOSE_TIMEOUT = 1_000;

/** Lines of JSON, written without waiting: a slow or full destination costs lines, never time or memory without bound. */
export class Log {
  readonly #logger: Logger;
  readonly #stream: DestinationStream;
  readonly #sink: Sink | undefined;
  readonly #recovered: LogOptions['recovered'];
  #reported = 0;
  /** Called when the destination has taken what there was. */
  #waiting: (() => void)[] = [];
  /** Lines that the destination did not take. */
  lost = 0;
  /** What is wrong with the destination now, if anything. */
  trouble: string | undefined;

  constructor({ level, destination = 1, bufferBytes = BUFFER, worker, now, recovered }: LogOptions) {
    this.#recovered = recovered;
    const stream = typeof destination === 'object' ? destination : this.#open(destination, bufferBytes);
    this.#stream = stream;
    this.#sink = stream === destination ? undefined : (stream as Sink);
    this.#logger = pino(
      {
        level,
        base: worker === undefined ? null : { worker },
        timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
        formatters: { level: (label) => ({ level: label }) },
      },
      stream,
    );
  }

  /** Values must be clean. Never throws. */
  write(level: Level, line: Readonly<Record<string, FieldValue>>): void {
    try {
      this.#logger[level](line);
    } catch (error) {
      this.lost++;
      this.trouble = String(error);
    }
  }

  /**
   * Passes on whole lines that another process wrote. Calls `next` when there is room for more: who waits for that is
   * never behind with more than the destination.
   */
  pass(lines: string, next: () => void): void {
    if (!this.#sink) this.#stream.write(lines);
    // Without a destination that takes anything there is nothing to wait for: what cannot be written is lost, and counted.
    else if (!this.#sink.write(lines) && this.trouble === undefined) {
      this.#waiting.push(next);
      return;
    }
    next();
  }

  /** Whether this level is logged at all. */
  takes(level: Level): boolean {
    return this.#logger.isLevelEnabled(level);
  }

  /** Waits a moment for what is still to be written. */
  async close(): Promise<void> {
    const sink = this.#sink;
    if (!sink) return;
    await new Promise<void>((done) => {
      const timer = setTimeout(done, CLOSE_TIMEOUT);
      const finish = (): void => {
        clearTimeout(timer);
        done();
      };
      sink.once('close', finish);
      sink.once('error', finish);
      sink.end();
    });
  }

  #open(dest: string | number, maxLength: number): Sink {
    const sink = pino.destination({ dest, sync: false, maxLength, mkdir: typeof dest === 'string' });
    sink.on('drop', () => {
      this.lost++;
      this.trouble ??= 'the destination is too slow';
    });
    sink.on('error', (error: Error) => {
      this.trouble = error.message;
    });
    sink.on('drain', () => this.#drained());
    return sink;
  }

  #drained(): void {
    for (const next of this.#waiting.splice(0)) next();
    const lost = this.lost - this.#reported;
    const trouble = this.trouble ?? 'unknown';
    this.#reported = this.lost;
    this.trouble = undefined;
    if (lost > 0) this.#recovered?.(lost, trouble);
  }
}
