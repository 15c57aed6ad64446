import { AggregatorRegistry } from 'prom-client';
import type { Series } from '../record/meter.ts';
import { askAll } from './ask-all.ts';
import type { WorkerProcess } from './worker-process.ts';

/** How long a worker may take to read its metrics, in milliseconds: shorter than a scrape waits. */
const TIMEOUT = 5_000;

/** The types as prom-client has them, which do not say what its own JSON is. */
type Json = Parameters<typeof AggregatorRegistry.aggregate>[0];

/**
 * Adds up the metrics of all workers and of the supervisor. What a worker counted is kept when it ends, and while it
 * does not answer: a sum that became smaller would look like a restart, and a rate over it like a leap.
 */
export class FleetMetrics {
  readonly #own: () => Promise<readonly Series[]>;
  readonly #last = new Map<WorkerProcess, readonly Series[]>();
  /** What workers counted that are not there any more. */
  readonly #past: (readonly Series[])[] = [];

  constructor(own: () => Promise<readonly Series[]>) {
    this.#own = own;
  }

  /** The text exposition format of Prometheus, version 0.0.4. */
  async exposition(
    workers: readonly WorkerProcess[],
  ): Promise<{ readonly type: string; readonly text: string }> {
    const silent = new Set(workers);
    const { values } = await askAll(workers, async (worker) => {
      const series = await worker.ask('series', [], TIMEOUT);
      silent.delete(worker);
      if (worker.state !== 'ended') this.#last.set(worker, series);
      return series;
    });
    const kept = [...silent].map((worker) => countsOf(this.#last.get(worker) ?? []));
    const registry = AggregatorRegistry.aggregate([
      ...values,
      ...kept,
      ...this.#past,
      await this.#own(),
    ] as unknown as Json);
    return { type: registry.contentType, text: await registry.metrics() };
  }

  /** A worker has ended: what was last read of it stays in the sum. */
  async ended(worker: WorkerProcess): Promise<void> {
    const last = this.#last.get(worker);
    this.#last.delete(worker);
    if (!last) return;
    this.#past.push(countsOf(last));
    const { length } = this.#past;
    const sum = AggregatorRegistry.aggregate(this.#past as unknown as Json);
    const series = (await sum.getMetricsAsJSON()) as unknown as readonly Series[];
    // Others may have ended meanwhile, and have done the same.
    if (this.#past.length === length) this.#past.splice(0, length, series);
  }
}

/** What only grows: a gauge says what is now, and of who is gone nothing is. */
function countsOf(series: readonly Series[]): readonly Series[] {
  return series.filter(({ type }) => type !== 'gauge');
}
