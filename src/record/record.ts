import { REFUSALS } from '../errors.ts';
import { RouteCounters } from './counters.ts';
import { clean } from './escape.ts';
import { EVENTS, type EventName, type EventRow } from './events.ts';
import { Flood, type Suppressed } from './flood.ts';
import { Log, type LogOptions } from './log.ts';
import { type Adder, Meter } from './meter.ts';
import type { CounterName } from './metrics.ts';
import type { Overload } from './overload.ts';
import type { Fields, FieldValue, Recorder } from './recorder.ts';
import { exposeRoutes } from './route-metrics.ts';
import { Runtime } from './runtime.ts';

export interface RecordOptions extends Partial<Omit<LogOptions, 'now' | 'recovered'>> {
  /** How many events of one name and refusal code are logged in a second; the rest is counted and summed up. */
  readonly perSecond?: number;
  /** Wall and monotonic time in milliseconds. */
  readonly clock?: { now(): number; monotonic(): number };
}

/** What is counted of an event, and which histograms take how long it took. */
interface Measures {
  readonly counts: readonly Adder[];
  readonly times: readonly Adder[];
}

const PER_SECOND = 50;
const CLOCK = { now: () => Date.now(), monotonic: () => performance.now() };

/** Everything the gateway says about itself: one of it in a process, made before all else and closed last. */
export class GatewayRecord implements Recorder {
  readonly meter: Meter;
  readonly #log: Log;
  readonly #flood: Flood;
  readonly #runtime: Runtime;
  readonly #routes = new Map<string, RouteCounters>();
  readonly #measures = new Map<EventName, Measures>();
  readonly #faulted: Adder;
  /** Counts lines, so that a reader can order them and see that none is missing. */
  #sequence = 0;
  #suppressed = 0;

  constructor({ level = 'info', perSecond = PER_SECOND, clock = CLOCK, ...log }: RecordOptions = {}) {
    this.#log = new Log({
      ...log,
      level,
      now: clock.now,
      recovered: (count, error) => this.event('log.lost', { count, error }),
    });
    this.#flood = new Flood(perSecond, clock.monotonic, (flood) => this.#sumUp(flood));
    this.meter = new Meter((where, error) => this.event('gateway.fault', { where, error: String(error) }));
    this.#faulted = this.meter.adder('sallyport_faults_total');
    this.#runtime = new Runtime(this.meter, this, clock.monotonic);
    exposeRoutes(this.meter, this.#routes);
    this.meter.source('sallyport_log_lines_suppressed_total', () => [
      { labels: {}, value: this.#suppressed },
    ]);
    this.meter.source('sallyport_log_lines_lost_total', () => [{ labels: {}, value: this.#log.lost }]);
  }

  event(name: EventName, fields: Fields): void {
    try {
      const row: EventRow = EVENTS[name];
      this.#measure(name, row, fields);
      if (!this.#log.takes(row.level)) return;
      if (row.whole || this.#flood.admit(floodKey(name, fields))) this.#say(name, row, fields);
    } catch {
      // A record that fails must not take with it what it was told of; the count of faults shows it.
      this.#faulted({}, 1);
    }
  }

  /** The counters of a route: the same ones for the same name, for as long as the process lives. */
  counters(route: string): RouteCounters {
    let counters = this.#routes.get(route);
    if (!counters) {
      counters = new RouteCounters(route);
      this.#routes.set(route, counters);
      this.meter.know('route', [route]);
    }
    return counters;
  }

  /** The longest delay of the event loop in the last whole second, in milliseconds. */
  get loopDelay(): number {
    return this.#runtime.loopDelay;
  }

  /** What the process is short of, and since when it admits nobody. */
  get overload(): Overload {
    return this.#runtime.overload;
  }

  /** Passes on whole lines of another process to where those of this one go; see `Log.pass`. */
  pass(lines: string, next: () => void): void {
    this.#log.pass(lines, next);
  }

  /** What is wrong with the log's destination, if anything. */
  get trouble(): string | undefined {
    return this.#log.trouble;
  }

  /** Says what is still unsaid and waits a moment for the destination to take it. */
  async close(): Promise<void> {
    this.#flood.flush();
    this.#runtime.close();
    await this.#log.close();
  }

  #measure(name: EventName, row: EventRow, fields: Fields): void {
    let measures = this.#measures.get(name);
    if (!measures) {
      measures = this.#measuresOf(row);
      this.#measures.set(name, measures);
    }
    for (const add of measures.counts) add(fields, 1);
    const { seconds } = fields;
    if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return;
    for (const add of measures.times) add(fields, seconds);
  }

  #measuresOf({ counts = {}, times = [] }: EventRow): Measures {
    return {
      counts: Object.entries(counts).map(([counter, given]) =>
        this.meter.adder(counter as CounterName, given),
      ),
      times: times.map((histogram) => this.meter.adder(histogram)),
    };
  }

  /** One event, one line: only the fields of its row, in the order of its row. */
  #say(event: EventName, row: EventRow, fields: Fields): void {
    const line: Record<string, FieldValue> = { seq: ++this.#sequence, event };
    for (const field of row.fields) {
      const value = fields[field];
      if (typeof value === 'string') line[field] = clean(value);
      else if (typeof value === 'boolean') line[field] = value;
      else if (typeof value === 'number')
        line[field] = Number.isFinite(value) ? rounded(value) : String(value);
    }
    this.#log.write(row.level, line);
  }

  #sumUp({ key, count, seconds }: Suppressed): void {
    const [of, code] = key.split(' ');
    this.#suppressed += count;
    this.#say('log.suppressed', EVENTS['log.suppressed'], { of, code, count, seconds });
  }
}

/** To millionths: no clock here is finer, and a line of sixteen digits reads badly. */
function rounded(value: number): number {
  return Math.round(value * 1_000_000) / 1_000_000;
}

/** A flood of one refusal must not hide another, so each code has its own allowance. Codes come from the table alone. */
function floodKey(name: EventName, { code }: Fields): string {
  return typeof code === 'string' && Object.hasOwn(REFUSALS, code) ? `${name} ${code}` : name;
}
