import { GatewayRecord, type RecordOptions } from '../../src/record/record.ts';

/** A record whose lines are kept, with a clock that the test moves. */
export class Journal {
  /** As written, without the line feed. */
  readonly raw: string[] = [];
  readonly time = { now: Date.UTC(2026, 0, 2, 3, 4, 5), monotonic: 0 };
  readonly record: GatewayRecord;

  constructor(options: RecordOptions = {}) {
    this.record = new GatewayRecord({
      level: 'debug',
      destination: { write: (line) => void this.raw.push(line) },
      clock: { now: () => this.time.now, monotonic: () => this.time.monotonic },
      ...options,
    });
  }

  get lines(): Record<string, unknown>[] {
    return this.raw.map((line) => JSON.parse(line));
  }

  named(event: string): Record<string, unknown>[] {
    return this.lines.filter((line) => line.event === event);
  }

  advance(milliseconds: number): void {
    this.time.now += milliseconds;
    this.time.monotonic += milliseconds;
  }
}
