import { Counter, Gauge, Registry } from 'prom-client';
import type { LabelSource } from './events.ts';
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
import { type Tallied, Tally, Times } from './tally.ts';

/** A metric with the values of all its series, as prom-client adds those of several processes up. */
export interface Series {
  readonly name: string;
  readonly help: string;
  readonly type: MetricRow['type'];
  readonly aggregator: string;
  readonly values: readonly unknown[];
}

/** Whether a label may take this value: one of a table, or one that the configuration gives. */
type Allows = (text: string) => boolean;

/** A metric that events are counted in, and the series of it that there are so far, by the values of their labels. */
interface Written {
  readonly series: Map<string, Tallied>;
  readonly open: (labels: Labels) => Tallied;
}

/** Where the value of one label comes from. */
interface Part {
  readonly label: string;
  readonly constant: string | undefined;
  readonly field: string;
  readonly allows: Allows;
}

/** Adds to the series that an event's fields name. */
export type Adder = (fields: LabelInput, value: number) => void;

/** The labels whose values the configuration gives. */
export type ConfiguredLabel = {
  [K in keyof typeof LABELS]: (typeof LABELS)[K] extends 'configured' ? K : never;
}[keyof typeof LABELS];

/** The registry of metrics, made from the table: nothing is exposed that has no row, and no label takes a value that has no place. */
export class Meter {
  readonly #registry = new Registry();
  readonly #written = new Map<CounterName | HistogramName, Written>();
  readonly #sources = new Map<MetricName, (() => Iterable<Sample>)[]>();
  readonly #bucketSources = new Map<HistogramName, (() => Iterable<BucketSample>)[]>();
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

  /**
   * Who adds to a counter, or durations in seconds to a histogram, for events of one kind. A label's value is what `given`
   * says of it, else the field of its name. Made once an event: which series there are to choose from is known then.
   */
  adder(name: CounterName | HistogramName, given: Readonly<Record<string, LabelSource>> = {}): Adder {
    const { series, open } = this.#written.get(name)!;
    const { labels }: MetricRow = METRICS[name];
    const parts = Object.entries(labels).map(([label, allowed]): Part => {
      const source = given[label] ?? { field: label };
      const allows = this.#allows(label, allowed);
      return typeof source === 'string'
        ? { label, constant: source, field: '', allows }
        : { label, constant: undefined, field: source.field, allows };
    });
    return (fields, value) => {
      let key = '';
      for (const { constant, field, allows } of parts)
        key += `${textOf(constant ?? fields[field], allows)}\n`;
      let one = series.get(key);
      if (!one) {
        const text = ({ constant, field, allows }: Part) => textOf(constant ?? fields[field], allows);
        one = open(Object.fromEntries(parts.map((part) => [part.label, text(part)])));
        series.set(key, one);
      }
      one.add(value);
    };
  }

  /**
   * Has a gauge, or a counter that somebody else keeps, read at each scrape. Several sources add up. Configured labels
   * of a source are taken as they are: our own objects carry them.
   */
  source(name: CounterName | GaugeName, read: () => Iterable<Sample>): void {
    this.#sources.get(name)!.push(read);
  }

  /** The same for a histogram. */
  bucketSource(name: HistogramName, read: () => Iterable<BucketSample>): void {
    this.#bucketSources.get(name)!.push(read);
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
    const series = new Map<string, Tallied>();
    if (row.type === 'histogram') {
      const open = (labels: Labels) => new Times(labels, row.buckets!);
      this.#written.set(name as HistogramName, { series, open });
      const sources: (() => Iterable<BucketSample>)[] = [() => series.values() as Iterable<Times>];
      this.#bucketSources.set(name as HistogramName, sources);
      const bind = ({ labels, buckets }: BucketSample) => ({ labels: this.#bound(name, labels), buckets });
      new ReadHistogram(common, () => sources.flatMap((read) => [...read()].map(bind)));
      return;
    }
    const sources: (() => Iterable<Sample>)[] = [];
    this.#sources.set(name, sources);
    const collect = this.#collector(name, sources);
    if (row.type === 'gauge') {
      new Gauge({ ...common, collect });
      return;
    }
    new Counter({ ...common, collect });
    this.#written.set(name as CounterName, { series, open: (labels) => new Tally(labels) });
    sources.push(() => series.values() as Iterable<Tally>);
  }

  /** What prom-client calls before a scrape, with the metric as `this`: the series are built anew from the sources. */
  #collector(name: MetricName, sources: readonly (() => Iterable<Sample>)[]) {
    const add = (metric: Counter<string> | Gauge<string>, read: () => Iterable<Sample>): void => {
      try {
        for (const { labels, value } of read()) metric.inc(this.#bound(name, labels), value);
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

  #bound(name: MetricName, labels: LabelInput): Labels {
    const row: MetricRow = METRICS[name];
    const bound: Labels = {};
    for (const [label, allowed] of Object.entries(row.labels)) {
      const value = labels[label];
      if (allowed === 'configured' && value !== OTHER)
        this.know(label as ConfiguredLabel, [String(value ?? NONE)]);
      bound[label] = textOf(value, this.#allows(label, allowed));
    }
    return bound;
  }

  #allows(label: string, allowed: MetricRow['labels'][string]): Allows {
    if (allowed !== 'configured') {
      const values = new Set(allowed);
      return (text) => values.has(text);
    }
    return (text) => this.#configured.get(label)?.has(text) ?? false;
  }
}

/** What a label says: a value that has its place, or that there is none, or another. */
function textOf(value: LabelInput[string], allows: Allows): string {
  if (value === undefined) return NONE;
  const text = String(value);
  return allows(text) || text === NONE ? text : OTHER;
}
