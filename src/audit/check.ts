import { DEFAULT_ALLOWANCE } from './budget.ts';
import type { Context } from './context.ts';

/** The parts of an audit, in the order in which they are reported. */
export const GROUPS = {
  transport: 'TLS and the certificate, read off the wire',
  handshake: 'the opening handshake: RFC 6455 section 4, RFC 9112, origins',
  identity: 'credentials: missing, malformed, expired, in the wrong place',
  frames: 'framing: RFC 6455 section 5, UTF-8, closing',
  limits: 'sizes, rates and times, found by asking',
  rotation: 'what a renewal of the certificate does to open sockets',
} as const;

export type Group = keyof typeof GROUPS;

/**
 * How heavy a fault is. `critical`: anybody gets in, or reads along. `high`: a known attack works. `medium`: one works
 * together with something else. `low`: hardening is missing. `advice`: no fault, worth knowing.
 */
export type Weight = 'critical' | 'high' | 'medium' | 'low' | 'advice';

/**
 * What a check found. `warn` is a fault of half the weight; `info` a fact without judgement; `skipped`: what the check
 * needs was not given; `inconclusive`: it was tried, and the answer decides nothing.
 */
export type Verdict = 'pass' | 'warn' | 'fail' | 'info' | 'skipped' | 'inconclusive';

export interface Finding {
  readonly verdict: Verdict;
  /** In words, without any credential. */
  readonly sent: string;
  readonly seen: string;
}

/** What must be there before a check makes sense. */
export type Need = 'open' | 'certificate' | 'token' | 'expiredToken' | 'ticket' | 'guarded' | 'watch';

export interface Check {
  /** Stable: reports, suppressions and docs go by it. */
  readonly id: string;
  readonly group: Group;
  /** What should be so, as a statement. */
  readonly title: string;
  readonly weight: Weight;
  /** Standard and section. */
  readonly standard: string;
  readonly why: string;
  readonly mend: string;
  readonly needs?: readonly Need[];
  /** At most so long, in seconds, where it is long: long checks begin first. */
  readonly seconds?: number;
  /** Runs when no other does: it measures time, or uses up what others need. */
  readonly alone?: true;
  run(context: Context): Promise<Finding>;
}

/** Of silence that lasted as long as was waited: a warning, unless the user allowed less time than usual. */
export function silence({ budget }: Context, sent: string, seen: string): Finding {
  return budget.allowance.seconds < DEFAULT_ALLOWANCE.seconds
    ? finding.info(sent, `${seen}, which is all the time that --budget allows`)
    : finding.warn(sent, seen);
}

/** A finding, written short. */
export const finding = {
  pass: (sent: string, seen: string): Finding => ({ verdict: 'pass', sent, seen }),
  warn: (sent: string, seen: string): Finding => ({ verdict: 'warn', sent, seen }),
  fail: (sent: string, seen: string): Finding => ({ verdict: 'fail', sent, seen }),
  info: (sent: string, seen: string): Finding => ({ verdict: 'info', sent, seen }),
  inconclusive: (sent: string, seen: string): Finding => ({ verdict: 'inconclusive', sent, seen }),
} as const;
