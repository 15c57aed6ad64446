import type {
  EmergencyOrder,
  Operator,
  ReloadFacts,
  RevocationPage,
  SessionFilter,
  SessionPage,
} from '../../src/admin/operator.ts';
import { pageOf } from '../../src/admin/page.ts';
import { factsOf, type SessionFacts } from '../../src/admin/session-facts.ts';
import type { EmergencyFacts } from '../../src/identity/emergency-state.ts';
import type { Connection } from '../../src/pipeline/connection.ts';
import type { HealthCheck } from '../../src/record/health.ts';
import {
  type Revocation,
  type RevocationFacts,
  type RevocationOrder,
  revocationId,
} from '../../src/store/revocations.ts';
import type { UsageFilter, UsageRow } from '../../src/store/usage.ts';

/** A session as the admin API sees one. */
export function session(id: string, over: Partial<Connection & Connection['principal']> = {}): Connection {
  const { subject = 'alice', tenant = 'acme', identity = 'staff', ...rest } = over;
  return {
    id,
    route: 'chat',
    principal: {
      identity,
      subject,
      tenant,
      roles: ['user'],
      claims: { secret: 'a claim nobody asked for' },
      expiresAt: Date.UTC(2026, 0, 2),
      tokenId: `jti-${id}`,
    },
    address: '192.0.2.1',
    origin: 'https://app.example.com',
    host: 'ws.example.com',
    path: '/chat',
    protocol: 'chat.v1',
    since: Date.UTC(2026, 0, 1),
    slot: (_key, make) => make(),
    ...rest,
  };
}

/** Where the sessions of a FakeOperator are. */
const PLACE = { node: 'web-1' };

/** An operator that remembers what it was told. */
export class FakeOperator implements Operator {
  readonly open = new Map<string, Connection>();
  readonly calls: string[] = [];
  revoked: RevocationFacts = { ended: 1, kept: true };
  known: Revocation[] = [];
  checks: HealthCheck[] = [{ name: 'certificates', healthy: true, blocksReady: true }];
  reloaded: ReloadFacts = { done: true, generation: 2 };
  problems: string[] = [];
  /** When emergency mode ends. */
  until: number | undefined;
  used: UsageRow[] | undefined;

  constructor(...sessions: Connection[]) {
    for (const one of sessions) this.open.set(one.id, one);
  }

  sessions(filter: SessionFilter, after: string, limit: number): SessionPage {
    const { sessions, ...page } = pageOf(this.#find(filter), after, limit);
    return { ...page, sessions: sessions.map((each) => factsOf(each, PLACE)) };
  }

  *#find(filter: SessionFilter): Iterable<Connection> {
    for (const one of this.open.values()) {
      const { route, address } = one;
      const facts: Record<string, unknown> = { ...one.principal, ...PLACE, route, address };
      if (Object.entries(filter).every(([key, value]) => facts[key] === value)) yield one;
    }
  }

  session(id: string): SessionFacts | undefined {
    const found = this.open.get(id);
    return found && factsOf(found, PLACE);
  }

  kick(id: string): boolean {
    this.calls.push(`kick ${id}`);
    return this.open.delete(id);
  }

  kickAll(filter: SessionFilter): number {
    return [...this.#find(filter)].filter(({ id }) => this.kick(id)).length;
  }

  async revoke({ by, value, issuedBefore, until }: RevocationOrder): Promise<RevocationFacts> {
    this.calls.push(`revoke ${by} ${value} ${issuedBefore} ${until}`);
    return this.revoked;
  }

  emergency(): EmergencyFacts {
    return this.until === undefined ? { on: false } : { on: true, until: this.until };
  }

  async beginEmergency({ minutes, who, reason }: EmergencyOrder): Promise<EmergencyFacts | string> {
    this.calls.push(`emergency on ${minutes} ${who} ${reason}`);
    if (minutes > 60) return 'the configuration allows 60 minutes at a time';
    this.until = Date.UTC(2026, 0, 1);
    return this.emergency();
  }

  async endEmergency(who: string): Promise<void> {
    this.calls.push(`emergency off ${who}`);
    this.until = undefined;
  }

  revocations(after: string, limit: number): RevocationPage {
    this.calls.push(`revocations ${after} ${limit}`);
    return { revocations: this.known, total: this.known.length, next: undefined };
  }

  async lift(id: string): Promise<RevocationFacts | undefined> {
    this.calls.push(`lift ${id}`);
    return this.known.some((each) => revocationId(each) === id) ? this.revoked : undefined;
  }

  certificates() {
    return [
      {
        listener: 'public',
        name: 'ws.example.com',
        names: ['ws.example.com', 'example.com'],
        serial: '0a1b',
        issuer: 'CN=Test CA',
        notBefore: Date.UTC(2026, 0, 1),
        notAfter: Date.UTC(2026, 3, 1),
      },
    ];
  }

  async rotate() {
    this.calls.push('rotate');
    const replaced = [{ name: 'ws.example.com', serial: '0a1c', previous: '0a1b' }];
    return [{ listener: 'public', replaced, problems: this.problems }];
  }

  async reload(): Promise<ReloadFacts> {
    this.calls.push('reload');
    return this.reloaded;
  }

  drain(): number {
    this.calls.push('drain');
    return this.open.size;
  }

  async usage({ from, to, ...who }: UsageFilter): Promise<readonly UsageRow[] | undefined> {
    if (from > to) throw new RangeError('from a first day to a last one');
    this.calls.push(`usage ${JSON.stringify(who)}`);
    return this.used;
  }

  health() {
    return this.checks;
  }

  async metrics() {
    return { type: 'text/plain; version=0.0.4; charset=utf-8', text: '# nothing\n' };
  }
}
