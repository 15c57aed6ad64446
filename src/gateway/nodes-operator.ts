import { allOf, sum } from '../admin/answers.ts';
import type {
  CertificateFacts,
  EmergencyOrder,
  Operator,
  ReloadFacts,
  RevocationPage,
  RotationFacts,
  SessionFilter,
  SessionPage,
} from '../admin/operator.ts';
import { mergePages } from '../admin/page.ts';
import { type Args, type AskOthers, askOthers, type Question } from '../admin/questions.ts';
import type { SessionFacts } from '../admin/session-facts.ts';
import type { EmergencyFacts } from '../identity/emergency-state.ts';
import type { MaybePromise } from '../pipeline/verdict.ts';
import type { HealthCheck } from '../record/health.ts';
import type { RevocationFacts, RevocationOrder } from '../store/revocations.ts';
import type { UsageFilter, UsageRow } from '../store/usage.ts';
import { dated } from './revoke.ts';

/**
 * One gateway and all that share its state, as the admin API sees them: sessions are found and ended wherever they are
 * held. What is about a process (certificates, reload, drain, health) is about the one gateway; what they all know is asked of it.
 */
export class NodesOperator implements Operator {
  readonly #here: Operator;
  readonly #ask: AskOthers;

  constructor(here: Operator, ask: AskOthers) {
    this.#here = here;
    this.#ask = ask;
  }

  async sessions(filter: SessionFilter, after: string, limit: number): Promise<SessionPage> {
    const others = this.#others('sessions', filter, after, limit);
    const own = await this.#here.sessions(filter, after, limit);
    const { values, missing: late } = await others;
    const missing = [...(own.missing ?? []), ...late];
    return { ...mergePages([own, ...values], limit), ...(missing.length > 0 && { missing }) };
  }

  async session(id: string): Promise<SessionFacts | undefined> {
    const others = this.#others('session', id);
    const [own] = await Promise.allSettled([this.#here.session(id)]);
    if (own.status === 'fulfilled' && own.value) return own.value;
    const answers = await others;
    const found = answers.values.find((each) => each !== null);
    if (found) return found;
    if (own.status === 'rejected') throw own.reason;
    allOf(answers);
    return undefined;
  }

  async kick(id: string): Promise<boolean> {
    const others = this.#others('kick', id);
    const [own] = await Promise.allSettled([this.#here.kick(id)]);
    if (own.status === 'fulfilled' && own.value) return true;
    const answers = await others;
    if (answers.values.includes(true)) return true;
    if (own.status === 'rejected') throw own.reason;
    allOf(answers);
    return false;
  }

  async kickAll(filter: SessionFilter): Promise<number> {
    const others = this.#others('kickAll', filter);
    return (await this.#here.kickAll(filter)) + sum(allOf(await others));
  }

  /** Others end what it touches at once, and say how many; that it is kept, and reaches who is late, is the matter of one. */
  async revoke(order: RevocationOrder): Promise<RevocationFacts> {
    const revocation = dated(order, Date.now());
    const others = this.#others('enforce', revocation);
    const { ended, ...facts } = await this.#here.revoke(revocation);
    const { values, missing } = await others;
    return { ...facts, ended: ended + sum(values), ...(missing.length > 0 && { missing }) };
  }

  emergency(): MaybePromise<EmergencyFacts> {
    return this.#here.emergency();
  }

  beginEmergency(order: EmergencyOrder): Promise<EmergencyFacts | string> {
    return this.#here.beginEmergency(order);
  }

  endEmergency(who: string): Promise<void> {
    return this.#here.endEmergency(who);
  }

  revocations(after: string, limit: number): MaybePromise<RevocationPage> {
    return this.#here.revocations(after, limit);
  }

  lift(id: string): Promise<RevocationFacts | undefined> {
    return this.#here.lift(id);
  }

  certificates(): MaybePromise<readonly CertificateFacts[]> {
    return this.#here.certificates();
  }

  rotate(): Promise<readonly RotationFacts[]> {
    return this.#here.rotate();
  }

  reload(): Promise<ReloadFacts> {
    return this.#here.reload();
  }

  drain(): MaybePromise<number> {
    return this.#here.drain();
  }

  usage(filter: UsageFilter): Promise<readonly UsageRow[] | undefined> {
    return this.#here.usage(filter);
  }

  health(): MaybePromise<readonly HealthCheck[]> {
    return this.#here.health();
  }

  metrics(): Promise<{ readonly type: string; readonly text: string }> {
    return this.#here.metrics();
  }

  #others<Q extends Question>(question: Q, ...args: Args<Q>) {
    return askOthers(this.#ask, question, ...args);
  }
}
