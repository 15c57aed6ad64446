import type { ScenarioInput } from '../load/scenario.ts';
import type { GatewayNode } from './node.ts';

/** Who comes, each by a door of its own: those of the load, those who try the door, and floods. */
export type Door = 'people' | 'newcomers' | 'strangers' | 'connections' | 'messages' | 'malformed';

/** Where a rehearsal is played: on a stage of its own, or on an endpoint that was named. */
export interface Ground {
  /** What a load, a flood or a visitor needs to know to come in by this door; the names of its files are absolute. */
  entry(door: Door): ScenarioInput;
  /** Resets this share of the connections of the load, and says how many that were. */
  cut(share: number): number;
  /** Gateways whose health can be asked. */
  readonly nodes: readonly GatewayNode[];
  /** Who is scraped for metrics, by name. */
  readonly instances: readonly string[];
  /** The metrics of an instance as text; undefined if it does not answer. Never rejects. */
  scrape(instance: string): Promise<string | undefined>;
  /** Ends and removes what it started. */
  close(): Promise<void>;
}
