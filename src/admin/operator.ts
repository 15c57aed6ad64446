import type { Connection } from '../pipeline/connection.ts';
import type { HealthCheck } from '../record/health.ts';
import type { Revocation } from '../store/revocations.ts';

/** Which sessions are meant: those to which everything that is given applies; all of them if nothing is. */
export interface SessionFilter {
  readonly subject?: string;
  readonly tenant?: string;
  readonly address?: string;
  readonly route?: string;
  readonly identity?: string;
  readonly tokenId?: string;
  readonly certificateSerial?: string;
}

/** A certificate in service. Times in milliseconds since the epoch. */
export interface CertificateFacts {
  readonly listener: string;
  /** What it is called in metrics: its first name. */
  readonly name: string;
  readonly names: readonly string[];
  /** Hexadecimal, lower case. */
  readonly serial: string;
  readonly issuer: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** What a rotation did on one listener. */
export interface RotationFacts {
  readonly listener: string;
  /** Certificates now in service that were not before, by serial number. */
  readonly replaced: readonly { readonly name: string; readonly serial: string; readonly previous: string }[];
  /** Why files were not taken; the old ones stay in service. */
  readonly problems: readonly string[];
}

/** What a reload did. */
export type ReloadFacts =
  | { readonly done: true; readonly generation: number }
  | {
      readonly done: false;
      readonly generation: number;
      readonly problems: readonly {
        readonly message: string;
        readonly file?: string | undefined;
        readonly line?: number | undefined;
      }[];
    };

/**
 * What is to be revoked. `issuedBefore` is now where absent; `until` is then so far away that no credential that it
 * could touch is still good.
 */
export type RevocationOrder = Pick<Revocation, 'by' | 'value'> &
  Partial<Pick<Revocation, 'issuedBefore' | 'until'>>;

/** What a revocation did. It is in force, whatever else is said. */
export interface RevocationFacts {
  /** How many sessions it ended. */
  readonly ended: number;
  /** Whether it outlives the process; false where the configuration does not ask for that. */
  readonly kept: boolean;
  /** Why it is not kept, though it should be. */
  readonly problem?: string;
}

/** What the admin API lets an operator do. The gateway is one; a test can be another. */
export interface Operator {
  sessions(filter: SessionFilter): Iterable<Connection>;
  session(id: string): Connection | undefined;
  /** Ends one session as `session_kicked`; false if there is none of this id. */
  kick(id: string): boolean;
  /** Refuses these credentials at once, ends the sessions that they opened, and resolves when that is kept. */
  revoke(order: RevocationOrder): Promise<RevocationFacts>;
  certificates(): readonly CertificateFacts[];
  /** Reads all certificate files anew. Runs one at a time, also when asked for several times at once. */
  rotate(): Promise<readonly RotationFacts[]>;
  /** Reads the configuration anew, all or nothing. Runs one at a time. */
  reload(): Promise<ReloadFacts>;
  /** Begins to drain, once; returns how many sessions there are left to close. Does not wait for them. */
  drain(): number;
  health(): readonly HealthCheck[];
  /** The metrics in the text format that the type names. */
  metrics(): Promise<{ readonly type: string; readonly text: string }>;
}
