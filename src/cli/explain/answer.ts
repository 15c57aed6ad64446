import type { RefusalCode } from '../../errors.ts';
import type { RefusalAction } from '../../pipeline/verdict.ts';

/** What one identity said. */
export interface IdentityAnswer {
  readonly name: string;
  readonly answer: 'yes' | 'no' | 'not mine' | 'not asked';
  readonly code?: RefusalCode;
  readonly reason?: string;
}

/** What one guard (or `frames`, or `dialect`) said. */
export interface GuardAnswer {
  readonly guard: string;
  readonly verdict: 'pass' | 'refuse' | 'observe';
  readonly code?: RefusalCode;
  readonly reason?: string;
}

export interface Refusal {
  /** `handshake`, `route`, `identity`, `protocol`, `upstream`, or a guard. */
  readonly by: string;
  readonly code: RefusalCode;
  readonly reason: string;
}

export interface UpgradeAnswer {
  readonly route?: string;
  readonly identities: readonly IdentityAnswer[];
  readonly principal?: { readonly identity: string; readonly subject: string; readonly tenant?: string };
  /** The subprotocols that the upstream would be offered. It is taken to choose the first. */
  readonly protocols?: readonly string[];
  readonly guards: readonly GuardAnswer[];
  /** The first refusal; absent if the upgrade would be let through. */
  readonly refusal?: Refusal & { readonly status: number };
  /** What the upstream would get. */
  readonly upstream?: { readonly url: string; readonly target: string; readonly headers: readonly string[] };
}

export interface MessageAnswer {
  readonly types: readonly string[];
  readonly guards: readonly GuardAnswer[];
  readonly refusal?: Refusal & {
    readonly action: RefusalAction;
    /** Where the action ends the connection, or the answer has no form. */
    readonly closeCode?: number;
    /** What the sender would be told. */
    readonly answer?: string;
  };
  /** What would reach the upstream; absent if nothing would. */
  readonly forwarded?: string;
}

export interface Explanation {
  readonly upgrade: UpgradeAnswer;
  /** Absent if none was given, or the upgrade would be refused. */
  readonly message?: MessageAnswer;
}
