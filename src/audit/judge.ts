import { BudgetSpent } from './budget.ts';
import { type Check, type Finding, finding, type Need } from './check.ts';
import type { Context } from './context.ts';
import { answerText, isOpened } from './probe/answer.ts';
import { Throttled } from './probe/ask.ts';
import { Unreachable } from './probe/connect.ts';
import { NotOpened } from './probe/socket.ts';

/** One check, and what it found. */
export interface Result extends Omit<Check, 'run' | 'needs' | 'seconds' | 'alone'>, Finding {
  readonly milliseconds: number;
}

/** Of what a check says, in characters. */
const MAX_TEXT = 2_000;

/** Runs one check, if what it needs is there. Never throws. */
export async function judge(
  { run, needs = [], seconds, alone, ...about }: Check,
  context: Context,
): Promise<Result> {
  const began = performance.now();
  const lacking = needs.map((need) => NEEDS[need](context)).find((reason) => reason !== undefined);
  const found = lacking === undefined ? await attempt(run, context) : skipped(lacking);
  const { verdict, sent, seen } = found;
  return {
    ...about,
    verdict,
    sent: plain(sent),
    seen: plain(seen),
    milliseconds: Math.round(performance.now() - began),
  };
}

/** What a server said is shown in terminals and pages: no control characters, and not too much of it. */
function plain(text: string): string {
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  return cut.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]/g, (letter) => {
    return `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

function skipped(reason: string): Finding {
  return { verdict: 'skipped', sent: 'nothing', seen: reason };
}

/** Faults that say nothing about the check are inconclusive; all others are ours, and are shown as such. */
async function attempt(run: Check['run'], context: Context): Promise<Finding> {
  if (context.signal.aborted) return finding.inconclusive('nothing', 'the audit was interrupted');
  try {
    return await run(context);
  } catch (error) {
    const known = [BudgetSpent, Throttled, Unreachable, NotOpened].some((kind) => error instanceof kind);
    const message = error instanceof Error ? error.message : String(error);
    return {
      verdict: 'inconclusive',
      sent: 'see seen',
      seen: known ? message : `the check failed: ${message}`,
    };
  }
}

/** Why a need is not met; undefined if it is. */
const NEEDS: Readonly<Record<Need, (context: Context) => string | undefined>> = {
  open: ({ opening, login }) => {
    if (isOpened(opening)) return undefined;
    const hint = login.token === undefined ? '; --token, --origin or --protocol may help' : '';
    return `a right upgrade is not accepted: ${answerText(opening)}${hint}`;
  },
  certificate: ({ trust }) => (trust.client === undefined ? 'needs --cert and --key' : undefined),
  token: ({ login }) => (login.token === undefined ? 'needs --token or --token-command' : undefined),
  expiredToken: ({ credentials }) =>
    credentials.expiredToken === undefined ? 'needs --expired-token' : undefined,
  ticket: ({ credentials }) => (credentials.ticket === undefined ? 'needs --ticket-command' : undefined),
  guarded: ({ anonymous }) =>
    isOpened(anonymous) ? 'the endpoint lets everybody in, with or without a token' : undefined,
  watch: ({ watch }) => (watch === undefined ? 'needs --watch' : undefined),
};
