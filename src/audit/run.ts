import { type Budget, BudgetSpent } from './budget.ts';
import { type Check, type Finding, finding, type Need } from './check.ts';
import { CHECKS } from './checks/list.ts';
import { type Context, memory } from './context.ts';
import { type Grade, grade } from './grade.ts';
import { type Answer, answerText, isOpened } from './probe/answer.ts';
import { type Asker, ask, Throttled } from './probe/ask.ts';
import { Unreachable } from './probe/connect.ts';
import { NotOpened } from './probe/socket.ts';
import type { Target } from './target.ts';

/** Everything about an audit that the user decides. */
export interface AuditRequest extends Pick<Context, 'credentials' | 'watch' | 'signal' | 'notify'> {
  readonly asker: Asker;
  /** Groups and ids of checks; undefined: all. */
  readonly only: readonly string[] | undefined;
}

/** One check, and what it found. */
export interface Result extends Omit<Check, 'run' | 'needs' | 'seconds' | 'alone'>, Finding {
  readonly milliseconds: number;
}

export interface AuditReport {
  readonly target: Target;
  /** ISO 8601. */
  readonly began: string;
  readonly seconds: number;
  readonly grade: Grade;
  /** The rules that took the grade from A+. */
  readonly because: readonly string[];
  /** Groups and ids that were asked for; undefined: all. */
  readonly only: readonly string[] | undefined;
  readonly results: readonly Result[];
  readonly spent: Readonly<Budget['spent']>;
}

/** Called when a check ends. */
export type Progress = (result: Result, done: number, all: number) => void;

/** Of what a check says, in characters. */
const MAX_TEXT = 2_000;

/** So many checks run at once; the budget bounds how fast they connect. */
const AT_ONCE = 8;

/** Runs the checks against the endpoint. @throws Unreachable if there is nothing at all. */
export async function audit(request: AuditRequest, progress: Progress = () => {}): Promise<AuditReport> {
  const began = new Date();
  const { only, asker } = request;
  const chosen = CHECKS.filter(
    ({ id, group }) => only === undefined || only.includes(group) || only.includes(id),
  );
  const context = await establish(request);
  const results = new Map<string, Result>();
  const runOne = async (check: Check): Promise<void> => {
    const result = await judge(check, context);
    results.set(check.id, result);
    progress(result, results.size, chosen.length);
  };
  await pooled(
    chosen.filter(({ alone }) => !alone).toSorted((a, b) => (b.seconds ?? 0) - (a.seconds ?? 0)),
    runOne,
  );
  for (const check of lastInTurn(chosen)) await runOne(check);
  const inOrder = chosen.map(({ id }) => results.get(id)!);
  return {
    target: asker.target,
    began: began.toISOString(),
    seconds: Math.round(asker.budget.elapsed() / 100) / 10,
    ...grade(inOrder),
    only,
    results: inOrder,
    spent: asker.budget.spent,
  };
}

/** Those that run alone, in turn: wrong tokens come after all that needs a right one, for they may lock us out. */
function lastInTurn(checks: readonly Check[]): readonly Check[] {
  const place = ({ group }: Check): number => ['identity', 'rotation'].indexOf(group);
  return checks.filter(({ alone }) => alone).toSorted((a, b) => place(a) - place(b));
}

/** Opens the endpoint as it wants to be opened. If it wants an Origin and none was given, its own is tried. */
async function establish({ asker, ...rest }: AuditRequest): Promise<Context> {
  const context = { ...rest, ...asker, once: memory() };
  const first = await firstAnswer(asker);
  if (isOpened(first) || hasOrigin(asker)) {
    return { ...context, opening: first, anonymous: await withoutCredential(asker, first) };
  }
  const always = [...asker.login.always, ['Origin', `https://${asker.target.authority}`] as const];
  const own: Asker = { ...asker, login: { ...asker.login, always } };
  const second = await firstAnswer(own);
  const best = isOpened(second) ? { asker: own, opening: second } : { asker, opening: first };
  const anonymous = await withoutCredential(best.asker, best.opening);
  return { ...context, ...best.asker, opening: best.opening, anonymous };
}

function hasOrigin({ login }: Asker): boolean {
  return login.always.some(([name]) => name.toLowerCase() === 'origin');
}

/** TLS that cannot be spoken is a finding, not the end: then nothing opens, and the transport is still read. */
async function firstAnswer(asker: Asker): Promise<Answer> {
  try {
    return await ask(asker);
  } catch (error) {
    if (error instanceof Unreachable && error.isTls) return { kind: 'noise', ms: 0 };
    throw error;
  }
}

async function withoutCredential(asker: Asker, opening: Answer): Promise<Answer> {
  return asker.login.token === undefined ? opening : ask(asker, { token: null });
}

async function pooled(checks: readonly Check[], runOne: (check: Check) => Promise<void>): Promise<void> {
  const queue = [...checks];
  const worker = async (): Promise<void> => {
    for (let check = queue.shift(); check; check = queue.shift()) await runOne(check);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function judge(
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
    const hint = login.token === undefined ? '; --token, --origin or --subprotocol may help' : '';
    return `a right upgrade is not accepted: ${answerText(opening)}${hint}`;
  },
  token: ({ login }) => (login.token === undefined ? 'needs --token or --token-command' : undefined),
  expiredToken: ({ credentials }) =>
    credentials.expiredToken === undefined ? 'needs --expired-token' : undefined,
  ticket: ({ credentials }) => (credentials.ticket === undefined ? 'needs --ticket-command' : undefined),
  guarded: ({ anonymous }) =>
    isOpened(anonymous) ? 'the endpoint lets everybody in, with or without a token' : undefined,
  watch: ({ watch }) => (watch === undefined ? 'needs --watch' : undefined),
};
