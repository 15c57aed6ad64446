import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type LABELS, MAX_CONFIGURED, NONE, OTHER } from './labels.ts';
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  METRICS,
  type MetricName,
  type MetricRow,
} from './metrics.ts';
import { type BucketSample, type LabelInput, type Labels, ReadHistogram, type Sample } from './samples.ts';

/** A metric with the values of all its series, as prom-client adds those of several processes up. */
export interface Series {
  readonly name: string;
  readonly help: string;
  readonly type: MetricRow['type'];
  readonly aggregator: string;
  readonly values: readonly unknown[];
}

/** What values a label may take: those of a table, or those that the configuration gives. */
type Allowed = MetricRow['labels'][string];

/** A metric that events are counted in, and the series of it that there are so far, by the values of their labels. */
interface Written {
  readonly labels: readonly (readonly [string, Allowed])[];
  readonly series: Map<string, (value: number) => void>;
  readonly open: (bound: Labels) => (value: number) => void;
}

/** The labels whose values the configuration gives. */
export type ConfiguredLabel = {
  [K in keyof typeof LABELS]: (typeof LABELS)[K] extends 'configured' ? K : never;
}[keyof typeof LABELS];

/** The registry of metrics, made from the table: nothing is exposed that has no row, and no label takes a value that has no place. */
export class Meter {
  readonly #registry = new Registry();
  readonly #written = new Map<CounterName | HistogramName, Written>();
  readonly #sources = new Map<MetricName, (() => Iterable<Sample>)[]>();
  readonly #fault: (where: string, error: unknown) => void;
  readonly #configured = new Map<string, Set<string>>();

  /** `fault` is told of a source that threw: its series are missing from that scrape, all others are there. */
  constructor(fault: (where: string, error: unknown) => void) {
    this.#fault = fault;
    for (const name of Object.keys(METRICS) as MetricName[]) this.#make(name);
  }

  /** Names that the configuration gave to a label. They are kept: a counter outlives what it counted. */
  know(label: ConfiguredLabel, names: Iterable<string>): void {
    const known = this.#configured.get(label) ?? new Set<string>();
    this.#configured.set(label, known);
    for (const name of names) if (known.size < MAX_CONFIGURED) known.add(name);
  }

  count(name: CounterName, labels: LabelInput, by = 1): void {
    this.#series(name, labels)(by);
  }

  /** Adds one duration, in seconds. */
  observe(name: HistogramName, labels: LabelInput, seconds: number): void {
    if (Number.isFinite(seconds)) this.#series(name, labels)(seconds);
  }

  /**
   * Has a gauge, or a counter that somebody else keeps, read at each scrape. Several sources add up. Configured labels
   * of a source are taken as they are: our own objects carry them.
   */
  source(name: CounterName | GaugeName, read: () => Iterable<Sample>): void {
    this.#sources.get(name)!.push(read);
  }

  /** The same for a histogram, which is then only read. */
  bucketSource(name: HistogramName, read: () => Iterable<BucketSample>): void {
    this.#registry.removeSingleMetric(name);
    this.#written.delete(name);
    const bind = (labels: LabelInput): Labels => this.#bound(name, labels, true);
    new ReadHistogram(this.#describe(name), () =>
      [...read()].map(({ labels, buckets }) => ({ labels: bind(labels), buckets })),
    );
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text exposition format of Prometheus, version 0.0.4. */
  exposition(): Promise<string> {
    return this.#registry.metrics();
  }

  /** All series, for who adds those of several processes up. Plain values, fit to be sent. */
  async series(): Promise<readonly Series[]> {
    const all = (await this.#registry.getMetricsAsJSON()) as unknown as readonly Series[];
    return all.map(({ name, help, type, aggregator, values }) => ({ name, help, type, aggregator, values }));
  }

  #make(name: MetricName): void {
    const row: MetricRow = METRICS[name];
    const common = this.#describe(name);
    if (row.type === 'histogram') {
      const histogram = new Histogram({ ...common, buckets: [...row.buckets!] });
      this.#write(name as HistogramName, (bound) => {
        const one = histogram.labels(bound);
        return (seconds) => one.observe(seconds);
      });
      return;
    }
    const sources: (() => Iterable<Sample>)[] = [];
    this.#sources.set(name, sources);
    const collect = this.#collector(name, sources);
    if (row.type === 'gauge') {
      new Gauge({ ...common, collect });
      return;
    }
    const counter = new Counter({ ...common, collect });
    this.#write(name as CounterName, (bound) => {
      const one = counter.labels(bound);
      return (by) => one.inc(by);
    });
  }

  #write(name: CounterName | HistogramName, open: Written['open']): void {
    this.#written.set(name, { labels: Object.entries(METRICS[name].labels), series: new Map(), open });
  }

  /** Adds to one series. It is kept: the library makes a text of all labels each time to find one. */
  #series(name: CounterName | HistogramName, labels: LabelInput): (value: number) => void {
    const written = this.#written.get(name)!;
    let key = '';
    for (const [label, allowed] of written.labels) key += `${this.#value(label, allowed, labels)}\n`;
    let series = written.series.get(key);
    if (!series) {
      series = written.open(this.#bound(name, labels, false));
      written.series.set(key, series);
    }
    return series;
  }

  /** What prom-client calls before a scrape, with the metric as `this`: the series are built anew from the sources. */
  #collector(name: MetricName, sources: readonly (() => Iterable<Sample>)[]) {
    const add = (metric: Counter<string> | Gauge<string>, read: () => Iterable<Sample>): void => {
      try {
        for (const { labels, value } of read()) metric.inc(this.#bound(name, labels, true), value);
      } catch (error) {
        this.#fault(`metric ${name}`, error);
      }
    };
    return function collect(this: Counter<string> | Gauge<string>): void {
      if (sources.length > 0) this.reset();
      for (const read of sources) add(this, read);
    };
  }

  #describe(name: MetricName) {
    const { meaning, labels, workers }: MetricRow = METRICS[name];
    const registers = [this.#registry];
    return {
      name,
      help: meaning,
      labelNames: Object.keys(labels),
      registers,
      aggregator: workers ?? ('sum' as const),
    };
  }

  #bound(name: MetricName, labels: LabelInput, trusted: boolean): Labels {
    const row: MetricRow = METRICS[name];
    const bound: Labels = {};
    for (const [label, allowed] of Object.entries(row.labels)) {
      if (trusted && allowed === 'configured')
        this.know(label as ConfiguredLabel, [String(labels[label] ?? NONE)]);
      bound[label] = this.#value(label, allowed, labels);
    }
    return bound;
  }

  /** What a label says: a value that has its place, or that there is none, or another. */
  #value(label: string, allowed: Allowed, labels: LabelInput): string {
    const value = labels[label];
    if (value === undefined) return NONE;
    const text = String(value);
    const known = allowed === 'configured' ? this.#configured.get(label)?.has(text) : allowed.includes(text);
    return known || text === NONE ? text : OTHER;
  }
}
