import type { EmergencyFacts } from '../identity/emergency-state.ts';
import type { MaybePromise } from '../pipeline/verdict.ts';
import type { HealthCheck } from '../record/health.ts';
import type { Revocation, RevocationFacts, RevocationOrder } from '../store/revocations.ts';
import type { UsageFilter, UsageRow } from '../store/usage.ts';
import type { Page } from './page.ts';
import type { SessionFacts } from './session-facts.ts';

/** Which sessions are meant: those to which everything that is given applies; all of them if nothing is. */
export interface SessionFilter {
  /** What operators call the gateway that holds it. */
  readonly node?: string;
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

/** What an operator asks for who switches emergency mode on. */
export interface EmergencyOrder {
  readonly minutes: number;
  /** For the record. */
  readonly who: string;
  readonly reason?: string;
}

/** One page of the sessions that are open. */
export interface SessionPage extends Page<SessionFacts> {
  /** Nodes and worker processes that did not answer in time: their sessions are not in it. */
  readonly missing?: readonly string[];
}

/** One page of what is revoked. */
export interface RevocationPage extends Omit<Page<never>, 'sessions'> {
  readonly revocations: readonly Revocation[];
}

/** Something was done, but not everywhere: who has not answered does it when it can. The message says who. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/**
 * What the admin API lets an operator do. A gateway of one process is one, all worker processes together are another, and
 * all nodes a third; a test can be one more. What acts rejects with Unanswered if a part of it did not say in time that it is done.
 */
export interface Operator {
  /** The sessions that match, a page of them: those whose ids come next after `after`. */
  sessions(filter: SessionFilter, after: string, limit: number): MaybePromise<SessionPage>;
  session(id: string): MaybePromise<SessionFacts | undefined>;
  /** Ends one session as `session_kicked`; false if there is none of this id. */
  kick(id: string): MaybePromise<boolean>;
  /** The same for all that match; says how many there were. */
  kickAll(filter: SessionFilter): MaybePromise<number>;
  /** Refuses these credentials at once, ends the sessions that they opened, and resolves when that is kept. */
  revoke(order: RevocationOrder): Promise<RevocationFacts>;
  emergency(): MaybePromise<EmergencyFacts>;
  /** Switches emergency mode on for so many minutes from now; a text says why it was not. */
  beginEmergency(order: EmergencyOrder): Promise<EmergencyFacts | string>;
  /** Switches it off, everywhere. */
  endEmergency(who: string): Promise<void>;
  /** What is revoked, a page of it: those whose ids come next after `after`. */
  revocations(after: string, limit: number): MaybePromise<RevocationPage>;
  /** Takes one back; undefined if there is none of this id. */
  lift(id: string): Promise<RevocationFacts | undefined>;
  certificates(): MaybePromise<readonly CertificateFacts[]>;
  /** Reads all certificate files anew. Runs one at a time, also when asked for several times at once. */
  rotate(): Promise<readonly RotationFacts[]>;
  /** Reads the configuration anew, all or nothing. Runs one at a time. */
  reload(): Promise<ReloadFacts>;
  /** Begins to drain, once; returns how many sessions there are left to close. Does not wait for them. */
  drain(): MaybePromise<number>;
  /** What holders have used; undefined where nothing is measured. @throws RangeError for days that cannot be asked for. */
  usage(filter: UsageFilter): Promise<readonly UsageRow[] | undefined>;
  health(): MaybePromise<readonly HealthCheck[]>;
  /** The metrics in the text format that the type names. */
  metrics(): Promise<{ readonly type: string; readonly text: string }>;
}
