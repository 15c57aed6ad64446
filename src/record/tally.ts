import { Buckets } from './buckets.ts';
import type { BucketSample, Labels, Sample } from './samples.ts';

/** One series that events are counted in. */
export interface Tallied {
  readonly labels: Labels;
  add(value: number): void;
}

/** A counter's. */
export class Tally implements Tallied, Sample {
  readonly labels: Labels;
  value = 0;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  add(by: number): void {
    this.value += by;
  }
}

/** A histogram's. */
export class Times implements Tallied, BucketSample {
  readonly labels: Labels;
  readonly buckets: Buckets;

  constructor(labels: Labels, bounds: readonly number[]) {
    this.labels = labels;
    this.buckets = new Buckets(bounds);
  }

  add(seconds: number): void {
    this.buckets.add(seconds);
  }
}
