import { RouteCounters } from './counters.ts';
import type { EVENTS, EventName } from './events.ts';

export type FieldValue = string | number | boolean | undefined;

/** Fields of an event. Strings are escaped and cut by the recorder; secrets and payloads must not come here at all. */
export type Fields = Readonly<Record<string, FieldValue>>;

/** The fields that the event's row names, each of them optional. */
export type FieldsOf<N extends EventName> = {
  readonly [K in (typeof EVENTS)[N]['fields'][number]]?: FieldValue;
};

/** The one way anything is said to the operator: an event becomes a log line and the metrics that its row names. */
export interface Recorder {
  /** Never throws, never waits. */
  event<N extends EventName>(name: N, fields: FieldsOf<N>): void;
  /** What the hot path counts instead of telling events: the same object for the same route, across reloads. */
  counters(route: string): RouteCounters;
}

export const silentRecorder: Recorder = { event() {}, counters: (route) => new RouteCounters(route) };
