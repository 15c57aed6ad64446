import type { ListenerOptions } from '../config/listener.ts';
import type { TicketKeys } from '../edge/ticket-keys.ts';
import type { Rate } from '../pipeline/units.ts';
import type { Reach } from '../store/services.ts';

/** What a gateway is told that is one of several worker processes; one that is alone is told nothing. */
export interface WorkerRole {
  /** Which of them it is, from 1: its log lines say so. */
  readonly number: number;
  /** What all of them are one of: no other gateway has this name. */
  readonly gateway: string;
  /** How many there are. */
  readonly workers: number;
  /** The text of the configuration that is in service, whatever stands in the file by now, and its number. */
  readonly text: string;
  readonly generation: number;
  /** Shared, so that a client resumes its TLS session with whichever of them it meets. */
  readonly tickets: TicketKeys;
  /** A folder that only they may enter, in which they find each other. */
  readonly folder: string;
  /** What reaches all workers, and beyond them by what the configuration has for that. */
  join(configured?: Reach): Reach;
}

/**
 * What one worker may take of a listener's limits: its part, rounded up. The workers are given connections in turn, so
 * that together they hold what was configured, and never more than that and one for each of them.
 */
export function shareOf(options: ListenerOptions, workers: number): ListenerOptions {
  if (workers === 1) return options;
  const { limits } = options;
  const { connections, handshakes, tickets, refreshes, events } = limits.perAddress;
  const part = (limit: number): number => Math.ceil(limit / workers);
  const partOf = (rate: Rate): Rate => ({ ...rate, count: part(rate.count) });
  return {
    ...options,
    limits: {
      ...limits,
      connections: part(limits.connections),
      perAddress: {
        connections: part(connections),
        handshakes: partOf(handshakes),
        tickets: partOf(tickets),
        refreshes: partOf(refreshes),
        events: partOf(events),
      },
    },
  };
}
