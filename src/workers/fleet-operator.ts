import { allOf, sum } from '../admin/answers.ts';
import {
  type CertificateFacts,
  type EmergencyOrder,
  type Operator,
  type ReloadFacts,
  type RevocationPage,
  type RotationFacts,
  type SessionFilter,
  type SessionPage,
  Unanswered,
} from '../admin/operator.ts';
import { mergePages } from '../admin/page.ts';
import type { Question } from '../admin/questions.ts';
import type { SessionFacts } from '../admin/session-facts.ts';
import { dated } from '../gateway/revoke.ts';
import type { EmergencyFacts } from '../identity/emergency-state.ts';
import type { HealthCheck } from '../record/health.ts';
import type { Answers } from '../store/members.ts';
import type { RevocationFacts, RevocationOrder } from '../store/revocations.ts';
import type { UsageFilter, UsageRow } from '../store/usage.ts';
import { askAll } from './ask-all.ts';
import { mergeCertificates, mergeHealth, mergeRotations } from './merge.ts';
import type { WorkerProcess } from './worker-process.ts';

/** What speaking for all workers needs of the supervisor. */
export interface FleetParts {
  /** All that have sessions, or may have. */
  workers(): readonly WorkerProcess[];
  /** What the supervisor alone knows: of the workers (and that these have not answered), of the reload, of the drain. */
  health(missing: readonly string[]): readonly HealthCheck[];
  /** Of its own log, which is that of the workers as well. */
  recordHealth(): HealthCheck;
  reload(cause: string): Promise<ReloadFacts>;
  stop(cause: string): void;
  metrics(): Promise<{ readonly type: string; readonly text: string }>;
}

/** How long a worker may take to answer, in milliseconds: one that is stuck does not hold up the admin API. */
const TIMEOUT = 5_000;
/** The same for health: less than what a balancer waits. */
const QUICK_TIMEOUT = 2_000;
/** The same for what reads files. */
const SLOW_TIMEOUT = 20_000;

/** All workers as the admin API sees them: what is asked of it is asked of each, and the answers become one. */
export class FleetOperator implements Operator {
  readonly #parts: FleetParts;

  constructor(parts: FleetParts) {
    this.#parts = parts;
  }

  async sessions(filter: SessionFilter, after: string, limit: number): Promise<SessionPage> {
    const { values, missing } = await this.#all<SessionPage>('sessions', filter, after, limit);
    return { ...mergePages(values, limit), ...(missing.length > 0 && { missing }) };
  }

  async session(id: string): Promise<SessionFacts | undefined> {
    const answers = await this.#all<SessionFacts | undefined>('session', id);
    return answers.values.find((found) => found !== undefined) ?? allOf(answers)[0];
  }

  async kick(id: string): Promise<boolean> {
    const answers = await this.#all<boolean>('kick', id);
    return answers.values.some(Boolean) || allOf(answers).some(Boolean);
  }

  async kickAll(filter: SessionFilter): Promise<number> {
    return sum(allOf(await this.#all<number>('kickAll', filter)));
  }

  /** All end what it touches at once; one of them keeps it, and tells other nodes. */
  async revoke(order: RevocationOrder): Promise<RevocationFacts> {
    // One moment for all, or each worker would take its own.
    const revocation = dated(order, Date.now());
    const enforcing = askAll(this.#parts.workers(), (worker) => worker.ask('enforce', [revocation], TIMEOUT));
    const kept = await this.#one<RevocationFacts>('revoke', revocation);
    const { values, missing } = await enforcing;
    const facts = { ...kept, ended: sum(values) };
    if (missing.length === 0) return facts;
    // What it was told waits for it, and nothing passes through it until then; but nobody has seen it done.
    return {
      ...facts,
      problem: [...missing, ...(kept.problem === undefined ? [] : [kept.problem])].join('; '),
    };
  }

  /** What one worker knows of it, all know. */
  emergency(): Promise<EmergencyFacts> {
    return this.#one<EmergencyFacts>('emergency');
  }

  beginEmergency(order: EmergencyOrder): Promise<EmergencyFacts | string> {
    return this.#one<EmergencyFacts | string>('beginEmergency', order);
  }

  endEmergency(who: string): Promise<void> {
    return this.#one<void>('endEmergency', who);
  }

  /** All know the same. */
  revocations(after: string, limit: number): Promise<RevocationPage> {
    return this.#one<RevocationPage>('revocations', after, limit);
  }

  /** The one tells the others. */
  lift(id: string): Promise<RevocationFacts | undefined> {
    return this.#one<RevocationFacts | undefined>('lift', id);
  }

  async certificates(): Promise<readonly CertificateFacts[]> {
    return mergeCertificates((await this.#all<readonly CertificateFacts[]>('certificates')).values);
  }

  async rotate(): Promise<readonly RotationFacts[]> {
    const { values, missing } = await askAll(this.#parts.workers(), (worker) =>
      worker.operate<readonly RotationFacts[]>('rotate', [], SLOW_TIMEOUT),
    );
    return mergeRotations(values, missing);
  }

  reload(): Promise<ReloadFacts> {
    return this.#parts.reload('admin');
  }

  async drain(): Promise<number> {
    const pages = await this.#all<SessionPage>('sessions', {}, '', 1);
    this.#parts.stop('admin');
    return sum(pages.values.map(({ total }) => total));
  }

  /** What each worker has measured is written down first; then any of them can read it all. */
  async usage(filter: UsageFilter): Promise<readonly UsageRow[] | undefined> {
    const [first, ...others] = this.#byAttention();
    const ask = (worker: WorkerProcess) =>
      worker.operate<readonly UsageRow[] | undefined>('usage', [filter], TIMEOUT);
    await askAll(others, ask);
    return allOf(await askAll(first ? [first] : [], ask))[0];
  }

  async health(): Promise<readonly HealthCheck[]> {
    const workers = this.#parts.workers();
    const { values, missing } = await askAll(workers, async (worker) => ({
      worker: worker.name,
      checks: await worker.operate<readonly HealthCheck[]>('health', [], QUICK_TIMEOUT),
    }));
    const own = this.#parts.health(missing);
    const known = new Set(own.map(({ name }) => name));
    const supervisor = { worker: 'supervisor', checks: [this.#parts.recordHealth()] };
    return [...own, ...mergeHealth([...values, supervisor]).filter(({ name }) => !known.has(name))];
  }

  metrics(): Promise<{ readonly type: string; readonly text: string }> {
    return this.#parts.metrics();
  }

  /** What all other gateways say; any worker can ask them. */
  async askOthers(question: Question, args: readonly unknown[]): Promise<Answers<unknown>> {
    const [first] = this.#byAttention();
    const { values } = await askAll(first ? [first] : [], (worker) =>
      worker.ask('askOthers', [question, args], TIMEOUT),
    );
    return values[0] ?? { values: [], missing: ['other nodes cannot be asked: no worker answers'] };
  }

  /** Who owes no answer comes first: one that does may be a while. */
  #byAttention(): readonly WorkerProcess[] {
    const now = performance.now();
    return this.#parts.workers().toSorted((a, b) => a.silence(now) - b.silence(now));
  }

  /** @throws Unanswered */
  async #one<T>(method: keyof Operator, ...args: readonly unknown[]): Promise<T> {
    const [first] = this.#byAttention();
    if (!first) throw new Unanswered('no worker serves');
    return allOf(await askAll([first], (worker) => worker.operate<T>(method, args, TIMEOUT)))[0]!;
  }

  #all<T>(method: keyof Operator, ...args: readonly unknown[]): Promise<Answers<T>> {
    return askAll(this.#parts.workers(), (worker) => worker.operate<T>(method, args, TIMEOUT));
  }
}
