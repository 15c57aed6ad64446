import type { Summary } from '../load/summary.ts';
import type { Entry } from './chronicle.ts';

/** How the load went in a half second. */
export interface Sample {
  /** Seconds since the steady load stood, at its end. */
  readonly at: number;
  readonly open: number;
  /** Of this half second. */
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  /** Latency of 99 in 100 answers, milliseconds; 0 if there was none. */
  readonly p99: number;
}

/** Somebody who came to the door while the load ran. */
export interface Trial {
  /** Seconds, when it came. */
  readonly at: number;
  /** `newcomer`: with a good token. The others must not be let in. */
  readonly who: 'newcomer' | 'without' | 'garbage' | 'expired' | 'forged';
  readonly admitted: boolean;
  /** How long until the answer, in milliseconds. */
  readonly took: number;
  /** What was answered: `101`, another status, or what failed. */
  readonly answer: string;
}

/** How the health report of a node looked. */
export interface HealthSeen {
  readonly at: number;
  readonly node: string;
  /** False also if it did not answer. */
  readonly ready: boolean;
  /** Names of the checks that are not well. */
  readonly failing: readonly string[];
}

/** An event of a gateway's log. */
export interface EventSeen {
  readonly at: number;
  readonly node: string;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** When a fault began and was over, in seconds; the same if it was never taken back. */
export interface FaultSeen {
  readonly fault: string;
  readonly began: number;
  readonly over: number;
}

/** An alarm, of one rule and series. Times in seconds. */
export interface Alarm {
  readonly name: string;
  readonly labels: string;
  readonly severity: string;
  /** When its expression came true, and for how long it must be, before it fires. */
  readonly since: number;
  readonly holds: number;
  /** Undefined: it did not hold that long. */
  readonly fired: number | undefined;
  /** When it was over; undefined if it was not. */
  readonly until: number | undefined;
}

/** All that was seen in a rehearsal. Times in seconds since the steady load stood. */
export interface Evidence {
  /** That the load is meant to hold. */
  readonly connections: number;
  readonly summary: Summary;
  readonly samples: readonly Sample[];
  readonly trials: readonly Trial[];
  readonly health: readonly HealthSeen[];
  readonly events: readonly EventSeen[];
  readonly alarms: readonly Alarm[];
  readonly entries: readonly Entry[];
  /** When the first fault began, and the last was taken back (or begun, if it never was). */
  readonly began: number;
  readonly over: number;
  /** Every fault, as it was. */
  readonly faults: readonly FaultSeen[];
  /** When the watch ended. */
  readonly ended: number;
}
