import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { Buckets } from './buckets.ts';
import { counterweight } from './counterweight.ts';
import type { Meter } from './meter.ts';
import { METRICS } from './metrics.ts';
import { Overload } from './overload.ts';
import { OVERLOAD_STATES } from './overload-states.ts';
import type { Recorder } from './recorder.ts';

/** How often the event loop is asked to come by, in milliseconds; a delay shorter than that may go unseen. */
const RESOLUTION = 10;

/** How often the longest delay is noted, in milliseconds. */
const PERIOD = 1_000;

/** Watches the process itself: the event loop and the heap. */
export class Runtime {
  readonly #delays = new Buckets(METRICS.sallyport_event_loop_delay_seconds.buckets);
  readonly #monitor: IntervalHistogram;
  readonly #timer: NodeJS.Timeout;
  /** The longest delay of the event loop in the last whole second, in milliseconds. */
  loopDelay = 0;

  readonly overload: Overload;

  /** `now` is monotonic, in milliseconds. */
  constructor(meter: Meter, recorder: Recorder, now: () => number) {
    this.overload = new Overload(recorder, now);
    this.#monitor = monitorEventLoopDelay({ resolution: RESOLUTION });
    this.#monitor.enable();
    this.#timer = setInterval(() => this.#note(), PERIOD).unref();
    meter.bucketSource('sallyport_event_loop_delay_seconds', () => [{ labels: {}, buckets: this.#delays }]);
    meter.source('sallyport_overload', () =>
      Object.keys(OVERLOAD_STATES).map((state) => ({
        labels: { state },
        value: this.overload.states.some((each) => each === state) ? 1 : 0,
      })),
    );
    meter.source(
      'sallyport_heap_used_bytes',
      one(() => getHeapStatistics().used_heap_size),
    );
    meter.source(
      'sallyport_heap_limit_bytes',
      one(() => getHeapStatistics().heap_size_limit),
    );
    meter.source(
      'sallyport_external_memory_bytes',
      one(() => process.memoryUsage().external - counterweight.reserved),
    );
    meter.source(
      'sallyport_resident_memory_bytes',
      one(() => process.memoryUsage.rss()),
    );
  }

  close(): void {
    clearInterval(this.#timer);
    this.#monitor.disable();
  }

  /** What Node measures is the time between two visits, so the time it meant to let pass is taken off. */
  #note(): void {
    if (this.#monitor.count > 0) {
      this.loopDelay = Math.max(0, this.#monitor.max / 1e6 - RESOLUTION);
      this.#delays.add(this.loopDelay / 1_000);
    }
    this.#monitor.reset();
    const { used_heap_size, heap_size_limit } = getHeapStatistics();
    this.overload.judge({ loopDelay: this.loopDelay, heap: used_heap_size / heap_size_limit });
  }
}

const one = (read: () => number) => () => [{ labels: {}, value: read() }];
