export type Level = 'debug' | 'info' | 'warn' | 'error';

export interface EventRow {
  readonly level: Level;
  /** The fields it may carry; the recorder drops any other. */
  readonly fields: readonly string[];
  readonly meaning: string;
}

/** Everything the gateway says, one row each: log lines, docs and metrics derive from it. */
export const EVENTS = {
  'gateway.started': {
    level: 'info',
    fields: ['address', 'listener', 'generation'],
    meaning: 'A listener is open.',
  },
  'gateway.fault': {
    level: 'error',
    fields: ['where', 'error'],
    meaning: 'A part of Sallyport threw; the work it did was refused.',
  },
} as const satisfies Record<string, EventRow>;

export type EventName = keyof typeof EVENTS;
