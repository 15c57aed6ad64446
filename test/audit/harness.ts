import { rootCertificates } from 'node:tls';
import { type Allowance, Budget, DEFAULT_ALLOWANCE } from '../../src/audit/budget.ts';
import type { Credentials, Watch } from '../../src/audit/context.ts';
import type { Result } from '../../src/audit/judge.ts';
import type { Field, TokenPlace } from '../../src/audit/login.ts';
import type { Patience, Trust } from '../../src/audit/reach.ts';
import { type AuditReport, audit } from '../../src/audit/run.ts';
import { resolveTarget } from '../../src/audit/target.ts';

/** What a test says of an audit; the rest is quick and generous. */
export interface Setup {
  readonly port: number;
  /** PEM. */
  readonly ca?: string;
  readonly host?: string;
  readonly path?: string;
  readonly only?: readonly string[];
  readonly always?: readonly Field[];
  readonly token?: string;
  readonly place?: TokenPlace;
  readonly client?: Trust['client'];
  readonly credentials?: Partial<Credentials>;
  readonly watch?: Watch;
  readonly notify?: (line: string) => void;
  readonly allowance?: Partial<Allowance>;
  readonly patience?: Partial<Patience>;
}

/** Patience for servers on this machine. */
const QUICK: Patience = {
  answer: 4_000,
  verdict: 400,
  handshake: 400,
  incomplete: 400,
  idle: 400,
  expiry: 400,
};

/** Audits a server on loopback. */
export async function auditOf(setup: Setup): Promise<AuditReport> {
  const target = await resolveTarget(
    `wss://${setup.host ?? 'localhost'}:${setup.port}${setup.path ?? '/'}`,
    () => Promise.resolve('127.0.0.1'),
  );
  return audit({
    asker: {
      target,
      budget: new Budget({ ...DEFAULT_ALLOWANCE, rate: 1_000, ...setup.allowance }),
      patience: { ...QUICK, ...setup.patience },
      trust: {
        roots: setup.ca === undefined ? undefined : [...rootCertificates, setup.ca],
        client: setup.client,
      },
      login: {
        always: setup.always ?? [],
        token: setup.token,
        place: setup.place ?? { kind: 'header' },
      },
    },
    only: setup.only,
    watch: setup.watch,
    signal: new AbortController().signal,
    notify: setup.notify ?? (() => {}),
    credentials: {
      expiredToken: undefined,
      ticket: undefined,
      ticketParameter: 'ticket',
      ...setup.credentials,
    },
  });
}

/** What one check finds. */
export async function findingOf(id: string, setup: Setup): Promise<Result> {
  const { results } = await auditOf({ ...setup, only: [id] });
  return results[0]!;
}
