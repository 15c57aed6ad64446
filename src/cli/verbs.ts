import type { VerbRow } from './verb.ts';

/** Everything `sallyport` can do, in the order in which the help lists it. A verb is loaded when it is asked for. */
export const VERBS: readonly VerbRow[] = [
  {
    name: 'serve',
    summary: 'Run the gateway.',
    load: () => import('./serve.ts'),
  },
  {
    name: 'check',
    summary: 'Check a configuration and every file it names, and list all problems at once.',
    load: () => import('./check.ts'),
  },
  {
    name: 'explain',
    summary: 'Say what would become of an upgrade and a message, and why.',
    load: () => import('./explain.ts'),
  },
  {
    name: 'audit',
    summary: 'Grade any WebSocket endpoint: TLS, handshake, frames, limits and identity.',
    load: () => import('./audit.ts'),
  },
  {
    name: 'load',
    summary: 'Put a load on any WebSocket endpoint, and hold it to a contract.',
    load: () => import('./load.ts'),
  },
  {
    name: 'fuzz',
    summary: 'Send any WebSocket endpoint what it should refuse, and see whether it does.',
    load: () => import('./fuzz.ts'),
  },
  {
    name: 'rehearse',
    summary: 'Rehearse an outage: a load, a fault, what must hold, and the time line of what happened.',
    load: () => import('./rehearse.ts'),
  },
  {
    name: 'revoke',
    summary:
      'Refuse credentials at every worker and node from now on, and end the sessions that they opened.',
    load: () => import('./revoke.ts'),
  },
  {
    name: 'emergency',
    summary: 'Switch emergency mode of a running gateway on or off, or ask for it.',
    load: () => import('./emergency.ts'),
  },
  {
    name: 'schema',
    summary: 'Write the JSON Schema of the configuration, for editors.',
    load: () => import('./schema.ts'),
  },
  {
    name: 'hash',
    summary: 'Hash a secret into a line for the secrets file of a basic identity.',
    load: () => import('./hash.ts'),
  },
];
