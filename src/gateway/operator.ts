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
import { pageOf } from '../admin/page.ts';
import { factsOf, type SessionFacts } from '../admin/session-facts.ts';
import type { CompiledPlan } from '../config/plan.ts';
import type { CertificateStatus } from '../edge/rotation.ts';
import { type EmergencyFacts, emergencyStateOf } from '../identity/emergency-state.ts';
import type { HealthCheck } from '../record/health.ts';
import type { GatewayRecord } from '../record/record.ts';
import type { Registry } from '../session/registry.ts';
import type { Session } from '../session/session.ts';
import type { Place } from '../store/members.ts';
import { type RevocationFacts, type RevocationOrder, revocationId } from '../store/revocations.ts';
import type { Services } from '../store/services.ts';
import type { UsageFilter, UsageMeter, UsageRow } from '../store/usage.ts';
import { breakerOf } from '../upstream/breaker.ts';
import type { Listeners } from './listeners.ts';
import type { Revoker } from './revoke.ts';
import type { State } from './state.ts';

/** What the operator needs of the gateway itself. */
export interface Controls {
  readonly draining: boolean;
  /** Why the last reload was not taken; undefined if it was. */
  readonly reloadFault: string | undefined;
  plan(): CompiledPlan;
  reload(cause: string): Promise<ReloadFacts>;
  /** Begins to drain and then closes the gateway; does nothing the second time. */
  stop(cause: string): void;
}

export interface OperatorParts {
  readonly controls: Controls;
  readonly listeners: Listeners;
  readonly record: GatewayRecord;
  readonly registry: Registry;
  readonly services: Services;
  readonly revoker: Revoker;
  readonly state: State;
  readonly place: Place;
  /** Undefined where nothing is measured. */
  readonly usage: UsageMeter | undefined;
}

/** The gateway as the admin API sees it. */
export class GatewayOperator implements Operator {
  readonly #parts: OperatorParts;

  constructor(parts: OperatorParts) {
    this.#parts = parts;
  }

  sessions(filter: SessionFilter, after: string, limit: number): SessionPage {
    const { sessions, ...page } = pageOf(this.#held(filter), after, limit);
    return { ...page, sessions: sessions.map((session) => factsOf(session, this.#parts.place)) };
  }

  session(id: string): SessionFacts | undefined {
    const session = this.#parts.registry.get(id);
    return session && !session.joined ? factsOf(session, this.#parts.place) : undefined;
  }

  kick(id: string): boolean {
    const session = this.#parts.registry.get(id);
    return session !== undefined && !session.joined && kicked(session);
  }

  kickAll(filter: SessionFilter): number {
    const { registry } = this.#parts;
    if (Object.keys(filter).length === 0) return 0; // no choice at all
    const held = [...this.#held(filter)];
    // What is carried for another process is ended on both sides, and counted on the other.
    const { node, ...rest } = filter;
    const carried = node === undefined ? registry.find(rest).filter(({ joined }) => joined) : [];
    for (const session of carried) session.end('session_kicked');
    return held.filter(kicked).length;
  }

  revoke(order: RevocationOrder): Promise<RevocationFacts> {
    return this.#parts.revoker.revoke(order);
  }

  /** What `revoke` does in this process alone. */
  enforce(order: RevocationOrder): number {
    return this.#parts.revoker.enforce(order);
  }

  revocations(after: string, limit: number): RevocationPage {
    const all = this.#parts.services.revocations.inForce();
    const named = all.map((revocation) => ({ id: revocationId(revocation), revocation }));
    const { sessions: page, ...where } = pageOf(named, after, limit);
    return { ...where, revocations: page.map(({ revocation }) => revocation) };
  }

  lift(id: string): Promise<RevocationFacts | undefined> {
    return this.#parts.revoker.lift(id);
  }

  emergency(): EmergencyFacts {
    return emergencyStateOf(this.#parts.services).facts();
  }

  async beginEmergency({ minutes, ...order }: EmergencyOrder): Promise<EmergencyFacts | string> {
    const rule = this.#parts.controls.plan().emergency;
    if (!rule) return 'the configuration has no `emergency`: it lists nobody who could come in';
    const most = rule.maximum / 60_000;
    if (minutes > most) return `the configuration allows ${most} minutes at a time`;
    return await emergencyStateOf(this.#parts.services).begin(minutes * 60_000, order);
  }

  endEmergency(who: string): Promise<void> {
    return emergencyStateOf(this.#parts.services).end(who);
  }

  certificates(): readonly CertificateFacts[] {
    return this.#parts.listeners
      .certificates()
      .map(({ certificate, ...facts }) => ({ name: certificate, ...facts }));
  }

  async rotate(): Promise<readonly RotationFacts[]> {
    const { listeners } = this.#parts;
    const before = listeners.certificates();
    const reports = await listeners.rotate();
    return reports.map(({ listener, problems, certificates }) => ({
      listener,
      problems: problems.map(({ message }) => message),
      replaced: certificates.flatMap((each) => replacedBy(each, before)),
    }));
  }

  reload(): Promise<ReloadFacts> {
    return this.#parts.controls.reload('admin');
  }

  drain(): number {
    this.#parts.controls.stop('admin');
    return this.#parts.registry.size;
  }

  async usage(filter: UsageFilter): Promise<readonly UsageRow[] | undefined> {
    const { usage } = this.#parts;
    await usage?.flush(); // of this process; others write theirs every few seconds
    return usage?.read(filter);
  }

  health(): readonly HealthCheck[] {
    const { controls, listeners, record, services, state } = this.#parts;
    return [
      check('certificates', listeners.expired()),
      check('rotation', listeners.notTaken(), false),
      check('identities', identityProblems(controls.plan(), services), false),
      check('upstreams', upstreamProblems(controls.plan(), services), false),
      check('signals', transmitterProblems(controls.plan()), false),
      check('emergency', emergencyProblems(this.emergency()), false),
      check('configuration', controls.reloadFault === undefined ? [] : [controls.reloadFault], false),
      check('state', state.troubles(), false),
      check('draining', controls.draining ? ['nobody new is admitted'] : []),
      check('overload', record.overload.states, record.overload.closed),
      check('record', record.trouble === undefined ? [] : [record.trouble], false),
    ];
  }

  async metrics(): Promise<{ readonly type: string; readonly text: string }> {
    const { meter } = this.#parts.record;
    return { type: meter.contentType, text: await meter.exposition() };
  }

  /** Those that match and are held here: what is only carried is seen where it is held. */
  *#held({ node, ...filter }: SessionFilter): Iterable<Session> {
    const { registry, place } = this.#parts;
    if (node !== undefined && node !== place.node) return;
    const found = Object.keys(filter).length === 0 ? registry : registry.find(filter);
    for (const session of found) if (!session.joined) yield session;
  }
}

/** Ends it; false for one that was ending anyway. */
function kicked(session: Session): boolean {
  const ending = session.ending && session.resumption?.parked !== true;
  session.end('session_kicked');
  return !ending;
}

function check(name: HealthCheck['name'], problems: readonly string[], blocksReady = true): HealthCheck {
  if (problems.length === 0) return { name, healthy: true, blocksReady };
  return { name, healthy: false, blocksReady, reason: problems.join('; ') };
}

function identityProblems(plan: CompiledPlan, { recorder }: Services): string[] {
  return plan.identities.flatMap(({ name, identity }) => {
    try {
      const problem = identity.health?.();
      return problem === undefined ? [] : [`${name}: ${problem}`];
    } catch (error) {
      recorder.event('gateway.fault', { where: `health of ${name}`, error: String(error) });
      return [`${name}: its health is not known`];
    }
  });
}

function upstreamProblems({ routes }: CompiledPlan, services: Services): string[] {
  return routes.flatMap(({ name, upstream }) => {
    const problem = breakerOf(name, upstream.url, services).health();
    return problem === undefined ? [] : [`${name}: ${problem}`];
  });
}

function transmitterProblems({ transmitters }: CompiledPlan): string[] {
  return transmitters.flatMap((each) => {
    const problem = each.health();
    return problem === undefined ? [] : [`${each.name}: ${problem}`];
  });
}

function emergencyProblems({ on, until = 0 }: EmergencyFacts): string[] {
  return on ? [`it is on until ${new Date(until).toISOString()}`] : [];
}

function replacedBy(now: CertificateStatus, before: readonly CertificateStatus[]): RotationFacts['replaced'] {
  const old = before.find(
    ({ listener, certificate }) => listener === now.listener && certificate === now.certificate,
  );
  if (!old || old.fingerprint === now.fingerprint) return [];
  return [{ name: now.certificate, serial: now.serial, previous: old.serial }];
}
