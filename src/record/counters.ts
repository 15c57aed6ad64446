import type { RefusalCode } from '../errors.ts';
import { SampledTime } from './buckets.ts';
import { METRICS } from './metrics.ts';

/**
 * Counts of one route that the hot path keeps: plain numbers, read when metrics are scraped.
 * Outlives a reload, so counters never go backwards.
 */
export class RouteCounters {
  readonly route: string;
  readonly client: DirectionCounters = new DirectionCounters();
  readonly server: DirectionCounters = new DirectionCounters();

  constructor(route: string) {
    this.route = route;
  }
}

/** What one side sent. */
export class DirectionCounters {
  forwarded = 0;
  refused = 0;
  /** Of messages forwarded, payload bytes as received. */
  bytes = 0;
  /** From the read of a message's last byte to its write. */
  readonly time: SampledTime = new SampledTime(METRICS.sallyport_message_seconds.buckets);
  /** By guard, or `frames` and `dialect`, and then by code; observed refusals are counted here too. */
  readonly refusals = new Map<string, { enforced: number; observed: number }>();

  refusal(guard: string, code: RefusalCode, observed: boolean): void {
    const key = `${guard} ${code}`;
    let count = this.refusals.get(key);
    if (!count) {
      count = { enforced: 0, observed: 0 };
      this.refusals.set(key, count);
    }
    if (observed) count.observed++;
    else count.enforced++;
  }
}
