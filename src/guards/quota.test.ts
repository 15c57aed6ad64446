import { describe, expect, it } from 'vitest';
import {
  buildGuard,
  fakeCandidate,
  fakeConnection,
  fakeContext,
  fakePayload,
  fakePrincipal,
  fakeServices,
} from '../../test/support/guard.ts';
import type { Connection } from '../pipeline/connection.ts';
import type { Guard } from '../pipeline/guard.ts';
import type { Refused, Verdict } from '../pipeline/verdict.ts';
import { quota } from './quota.ts';

/** A guard with these quotas; whoever comes in has asked at the door first. */
function gate(written: unknown, services = fakeServices()) {
  const guard = buildGuard(quota, { limits: { quota: written } }, fakeContext({ services })) as Guard;
  const enter = async (subject: string, tenant = 'acme') => {
    const verdict = (await guard.onUpgrade!(fakeCandidate({}, { subject, tenant }))) as Verdict;
    return { verdict, connection: fakeConnection({ principal: fakePrincipal({ subject, tenant }) }) };
  };
  const send = (connection: Connection, bytes = 10) =>
    guard.onPayload!(fakePayload('x'.repeat(bytes)), connection) as Verdict;
  const count = async (connection: Connection, tries: number, bytes?: number) => {
    let passed = 0;
    for (let i = 0; i < tries; i++) {
      if (send(connection, bytes).pass) passed++;
      for (let turn = 0; turn < 10; turn++) await null; // the store answers
    }
    return passed;
  };
  return { guard, enter, send, count, services };
}

describe('quota', () => {
  it('is no guard where nothing is written', () => {
    expect(buildGuard(quota, {})).toBeUndefined();
  });

  it('counts the messages of one subject on all its connections, and of no other', async () => {
    const { enter, count } = gate({ perSubject: { day: { messages: 50 } } });
    const [one, two, other] = [await enter('ada'), await enter('ada'), await enter('bob')];
    expect(await count(one.connection, 30)).toBe(30);
    expect(await count(two.connection, 30)).toBe(20);
    expect(await count(other.connection, 60)).toBe(50);
  });

  it('tells two tenants apart that have a subject of one name', async () => {
    const { enter, count } = gate({ perSubject: { day: { messages: 40 } } });
    const [a, b] = [await enter('x', 'y/z'), await enter('z/x', 'y')];
    expect(await count(a.connection, 60)).toBe(40);
    expect(await count(b.connection, 60)).toBe(40);
  });

  it('counts bytes, and those of a tenant for all its subjects', async () => {
    const { enter, count, send } = gate({ perTenant: { month: { bytes: '1KiB' } } });
    const [ada, bob] = [await enter('ada'), await enter('bob')];
    expect(await count(ada.connection, 6, 100)).toBe(6);
    expect(await count(bob.connection, 6, 100)).toBe(4);
    expect(send(bob.connection, 100)).toMatchObject({
      code: 'quota_exceeded',
      reason: 'over limits.quota.perTenant.month.bytes',
    });
  });

  it('charges nothing for a message that one of several quotas refuses', async () => {
    const { enter, count, send } = gate({ perSubject: { day: { messages: 40, bytes: '1KiB' } } });
    const { connection } = await enter('ada');
    expect(send(connection, 2_000).pass).toBe(false);
    expect(await count(connection, 60)).toBe(40);
  });

  it('lets nobody in who has used it up, and says when the next day begins', async () => {
    const { enter, count } = gate({ perSubject: { day: { messages: 32 } } });
    await count((await enter('ada')).connection, 40);
    const refused = (await enter('ada')).verdict as Refused;
    expect(refused.code).toBe('quota_exceeded');
    expect(refused.retryAfter).toBeGreaterThan(0);
    expect(refused.retryAfter).toBeLessThanOrEqual(86_400_000);
  });

  it('charges for the time that connections are open, each for itself', async () => {
    const { guard, enter, services } = gate({ perSubject: { day: { minutes: 2 } } });
    const [one, two] = [await enter('ada'), await enter('ada')];
    let open = 0;
    for (let seconds = 0; seconds < 300; seconds += 10) {
      const verdicts = [one, two].map(({ connection }) => guard.onTime!(connection));
      for (let turn = 0; turn < 10; turn++) await null;
      if (verdicts.some(({ pass }) => !pass)) break;
      open = seconds;
      services.clock.pass(10_000);
    }
    expect(open).toBe(60); // two connections, a minute each
    expect((await enter('ada')).verdict.pass).toBe(false);
  });

  it('goes on after a reload where it was', async () => {
    const services = fakeServices();
    const before = gate({ perSubject: { day: { messages: 50 } } }, services);
    await before.count((await before.enter('ada')).connection, 30);
    const after = gate({ perSubject: { day: { messages: 60 } } }, services);
    const { connection } = await after.enter('ada');
    const passed = await after.count(connection, 90);
    services.clock.pass(1_000); // when it asks again
    expect(passed + (await after.count(connection, 90))).toBe(30);
  });
});
