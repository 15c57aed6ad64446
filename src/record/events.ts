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
  'identity.answered': {
    level: 'debug',
    fields: ['identity', 'outcome', 'seconds'],
    meaning: 'An identity was responsible for a credential and accepted or refused it.',
  },
  'upgrade.accepted': {
    level: 'debug',
    fields: ['route', 'session', 'address', 'identity', 'subject', 'tenant', 'protocol', 'seconds'],
    meaning: 'An upgrade passed every check and its upstream answered: 101.',
  },
  'upgrade.refused': {
    level: 'info',
    fields: ['route', 'listener', 'address', 'guard', 'code', 'reason', 'seconds'],
    meaning: 'An upgrade was refused with an HTTP status, before any 101.',
  },
  'upgrade.observed': {
    level: 'warn',
    fields: ['route', 'guard', 'code', 'reason', 'address'],
    meaning: 'A guard in observe mode would have refused this upgrade; it passed.',
  },
} as const satisfies Record<string, EventRow>;

export type EventName = keyof typeof EVENTS;
