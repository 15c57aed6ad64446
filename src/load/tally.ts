import { type Counts, Histogram } from './histogram.ts';

/** Numbers that a generator counts, all from 0. */
export const COUNTED = [
  'tried',
  'opened',
  'lost',
  'closed',
  'sent',
  'answered',
  'unanswered',
  'unasked',
  'sentBytes',
  'receivedBytes',
] as const;

type Counted = Record<(typeof COUNTED)[number], number>;

/** What one process has seen since it last said: plain data, for IPC. */
export interface TallyReport {
  readonly counts: Counted;
  /** By HTTP status, or what failed before there was one. */
  readonly refused: Readonly<Record<string, number>>;
  /** By close code; 1006 for none. */
  readonly closes: Readonly<Record<string, number>>;
  readonly opening: { readonly counts: Counts; readonly largest: number };
  readonly latency: { readonly counts: Counts; readonly largest: number };
  /** By how much messages of an open loop left too late. */
  readonly lag: { readonly counts: Counts; readonly largest: number };
}

/** What is counted while a load runs: in one process, or added up from all. Times in microseconds. */
export class Tally {
  readonly counts: Counted = Object.fromEntries(COUNTED.map((name) => [name, 0])) as Counted;
  readonly refused: Record<string, number> = {};
  readonly closes: Record<string, number> = {};
  readonly opening = new Histogram();
  readonly latency = new Histogram();
  readonly lag = new Histogram();

  refuse(why: string): void {
    this.refused[why] = (this.refused[why] ?? 0) + 1;
  }

  close(code: number): void {
    this.closes[code] = (this.closes[code] ?? 0) + 1;
  }

  merge(report: TallyReport): void {
    for (const name of COUNTED) this.counts[name] += report.counts[name];
    for (const [why, count] of Object.entries(report.refused))
      this.refused[why] = (this.refused[why] ?? 0) + count;
    for (const [code, count] of Object.entries(report.closes))
      this.closes[code] = (this.closes[code] ?? 0) + count;
    this.opening.merge(report.opening);
    this.latency.merge(report.latency);
    this.lag.merge(report.lag);
  }

  export(): TallyReport {
    return {
      counts: { ...this.counts },
      refused: { ...this.refused },
      closes: { ...this.closes },
      opening: this.opening.export(),
      latency: this.latency.export(),
      lag: this.lag.export(),
    };
  }
}

/** What a generator spent while it ran, and whether it kept up. */
export interface Cost {
  /** Of one core, from 0 to 1. */
  readonly cpu: number;
  /** The longest delay of the event loop of 99 in 100, in milliseconds. */
  readonly delay: number;
  /** Bytes. */
  readonly memory: number;
}

export interface PartReport {
  readonly tally: TallyReport;
  readonly cost: Cost;
  /** Of the steady load, in milliseconds. */
  readonly lasted: number;
  /** From the cut until its last user was back, in milliseconds; undefined if there was none, or one is not back. */
  readonly recovery: number | undefined;
}
