import type { EventName } from './events.ts';

/** Fields of an event. Strings are escaped and cut by the recorder; secrets and payloads must not come here at all. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** The one way anything is said to the operator: an event becomes a log line and the metrics that its row names. */
export interface Recorder {
  event(name: EventName, fields: Fields): void;
}

export const silentRecorder: Recorder = { event() {} };
