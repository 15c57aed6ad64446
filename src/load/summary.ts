import type { Histogram } from './histogram.ts';
import { type Cost, type PartReport, Tally } from './tally.ts';

/** An outcome that was tried: what was seen, and whether it is what must be. */
export interface Tried {
  readonly name: string;
  readonly kind: 'burst' | 'expiry' | 'upgrade';
  readonly held: boolean;
  readonly seen: string;
}

/** In milliseconds. */
export interface Quantiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** A whole load, from all processes. */
export interface Summary {
  readonly seconds: number;
  readonly connections: {
    readonly tried: number;
    readonly opened: number;
    readonly lost: number;
    readonly refused: Readonly<Record<string, number>>;
    readonly closes: Readonly<Record<string, number>>;
  };
  readonly opening: Quantiles;
  readonly messages: {
    readonly sent: number;
    readonly answered: number;
    readonly unanswered: number;
    /** Messages that came without being an answer. */
    readonly unasked: number;
    /** Answers a second. */
    readonly rate: number;
    readonly sentBytes: number;
    readonly receivedBytes: number;
  };
  readonly latency: Quantiles;
  readonly storm: { readonly recovery: number } | undefined;
  readonly outcomes: readonly Tried[];
  readonly cost: readonly Cost[];
  /** Why the numbers say more of the generator than of the endpoint; undefined if they do not. */
  readonly bottleneck: string | undefined;
}

/** What a generator may spend before its numbers are about itself. */
const MOST = {
  /** Of one core. */
  cpu: 0.9,
  /** Of the event loop, 99 in 100, in milliseconds. */
  delay: 50,
  /** By which messages of an open loop left too late, 99 in 100, in milliseconds. */
  lag: 25,
} as const;

/** Adds up what the processes have seen. */
export function summarize(parts: readonly PartReport[], outcomes: readonly Tried[], storm: boolean): Summary {
  const tally = new Tally();
  for (const part of parts) tally.merge(part.tally);
  const { counts, refused, closes } = tally;
  const seconds = Math.max(0, ...parts.map(({ lasted }) => lasted)) / 1_000;
  const recoveries = parts.map(({ recovery = Number.POSITIVE_INFINITY }) => recovery);
  return {
    seconds,
    connections: { tried: counts.tried, opened: counts.opened, lost: counts.lost, refused, closes },
    opening: quantilesOf(tally.opening),
    messages: {
      sent: counts.sent,
      answered: counts.answered,
      unanswered: counts.unanswered,
      unasked: counts.unasked,
      rate: seconds === 0 ? 0 : counts.answered / seconds,
      sentBytes: counts.sentBytes,
      receivedBytes: counts.receivedBytes,
    },
    latency: quantilesOf(tally.latency),
    storm: storm ? { recovery: Math.max(...recoveries) } : undefined,
    outcomes,
    cost: parts.map(({ cost }) => cost),
    bottleneck: bottleneckOf(parts, tally),
  };
}

function bottleneckOf(parts: readonly PartReport[], { lag }: Tally): string | undefined {
  const cpu = Math.max(0, ...parts.map(({ cost }) => cost.cpu));
  const delay = Math.max(0, ...parts.map(({ cost }) => cost.delay));
  const late = lag.quantile(0.99) / 1_000;
  if (cpu > MOST.cpu)
    return `a process of the generator used ${percent(cpu)} of its core: give it more processes`;
  if (delay > MOST.delay)
    return `a process of the generator stood still for ${delay.toFixed(0)} ms at a time`;
  if (late > MOST.lag) return `messages left ${late.toFixed(0)} ms after they were due`;
  return undefined;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function quantilesOf(histogram: Histogram): Quantiles {
  const at = (share: number): number => histogram.quantile(share) / 1_000;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) };
}
