import {
  Histogram,
  type HistogramConfiguration,
  type MetricObjectWithValues,
  type MetricValueWithName,
} from 'prom-client';
import type { Buckets } from './buckets.ts';

/** Label values as they come: numbers and absent ones are made text, unknown ones become `other`. */
export type LabelInput = Readonly<Record<string, string | number | boolean | undefined>>;

/** Label values as they are exposed. */
export type Labels = Record<string, string>;

/** One series of a metric that is read when it is scraped. */
export interface Sample {
  readonly labels: LabelInput;
  readonly value: number;
}

/** The same for a histogram. */
export interface BucketSample<L = LabelInput> {
  readonly labels: L;
  readonly buckets: Buckets;
}

type Exposed = MetricObjectWithValues<MetricValueWithName<string>>;

/** A histogram that shows what others keep in buckets of their own. */
export class ReadHistogram extends Histogram<string> {
  readonly #config: HistogramConfiguration<string>;
  readonly #read: () => Iterable<BucketSample<Labels>>;

  constructor(config: HistogramConfiguration<string>, read: () => Iterable<BucketSample<Labels>>) {
    super(config);
    this.#config = config;
    this.#read = read;
  }

  override async get(): Promise<Exposed> {
    const { name, help } = this.#config;
    const values = [...this.#read()].flatMap((sample) => series(name, sample));
    // The library's types declare an enum of numbers here; in fact it is this text.
    const type = 'histogram' as unknown as Exposed['type'];
    return { name, help, type, aggregator: 'sum', collect() {}, values };
  }

  /** What the registry asks instead of `get` where it exists; the inherited one shows only values of its own. */
  getForPromString(): Promise<Exposed> {
    return this.get();
  }
}

/** Prometheus wants cumulative buckets, a sum and a count. */
function series(name: string, { labels, buckets }: BucketSample<Labels>): MetricValueWithName<string>[] {
  let below = 0;
  const values = buckets.bounds.map((le, place): MetricValueWithName<string> => {
    below += buckets.counts[place]!;
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: below };
  });
  values.push(
    { metricName: `${name}_bucket`, labels: { le: '+Inf', ...labels }, value: buckets.count },
    { metricName: `${name}_sum`, labels, value: buckets.sum },
    { metricName: `${name}_count`, labels, value: buckets.count },
  );
  return values;
}
