/** The checks of the health report, by name. Live: the process works. Ready: it should be given new connections. */
export const HEALTH_CHECKS = {
  certificates: 'Every certificate and revocation list in service is in date.',
  rotation:
    'The last new certificate, key, CA bundle or revocation list was taken; if not, the old one still serves.',
  identities: 'Every identity can answer: its provider can be asked, or its keys are at hand.',
  upstreams: 'Every upstream could be reached, when somebody last tried.',
  signals: 'Every transmitter of security events can be judged: its keys are at hand.',
  emergency: 'Emergency mode is off.',
  configuration: 'The last reload was taken.',
  state: 'What nodes share, and what outlives them, can be read and written, and its news is heard.',
  workers: 'Every worker process runs and answers, where there are several.',
  draining: 'The gateway is not draining.',
  overload:
    'There is memory and time for more connections; while it is only `shrinking`, they are still admitted.',
  record: 'The log destination takes what it is given.',
} as const;

export type HealthCheckName = keyof typeof HEALTH_CHECKS;

/** What one check found. */
export interface HealthCheck {
  readonly name: HealthCheckName;
  readonly healthy: boolean;
  /** Whether new connections should go elsewhere while it is not healthy; otherwise it only warns. */
  readonly blocksReady: boolean;
  /** What is wrong, for the operator; nothing of a client in it. */
  readonly reason?: string;
}
