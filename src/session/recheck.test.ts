import { describe, expect, it, vi } from 'vitest';
import { fakeConnection, fakePrincipal, ManualClock } from '../../test/support/guard.ts';
import { openRoute } from '../../test/support/memory-session.ts';
import type { RefusalCode } from '../errors.ts';
import type { Identification, Recheck } from '../pipeline/identity.ts';
import { NOT_MINE } from '../pipeline/identity.ts';
import type { Principal } from '../pipeline/principal.ts';
import type { RoutePlan } from '../pipeline/route.ts';
import { refuse } from '../pipeline/verdict.ts';
import { silentRecorder } from '../record/recorder.ts';
import { createServices } from '../store/services.ts';
import { type RecheckHost, Rechecks, recheckTime } from './recheck.ts';

const EVERY = 60_000;

/** A session as a recheck sees it, at a provider whose answers the test gives. */
class Held implements RecheckHost {
  readonly connection = fakeConnection();
  readonly id = 's-1';
  readonly route = 'chat';
  readonly address = '192.0.2.1';
  readonly origin = undefined;
  readonly host = 'ws.example.com';
  readonly path = '/chat';
  readonly protocol = '';
  readonly since = 0;
  readonly listener = 'public';
  readonly certificate = undefined;
  readonly plan: RoutePlan;
  principal: Principal;
  bounds: readonly Principal[] | undefined;
  credentialEnds = 1_000_000;
  recheckAt = 0;
  ending = false;
  ended: RefusalCode | undefined;

  constructor(ask: Recheck['ask'], principal: Partial<Principal> = {}) {
    this.principal = fakePrincipal({ expiresAt: clock().wall + 1_000_000, ...principal });
    const recheck = { every: EVERY, credentialOf: () => 'token', takeOver() {}, ask };
    this.plan = {
      ...openRoute(),
      identities: [{ name: 'staff', identity: { identify: () => NOT_MINE, recheck } }],
    };
  }

  slot<T>(key: string, make: () => T): T {
    return this.connection.slot(key, make);
  }

  end(code: RefusalCode): void {
    this.ended = code;
    this.ending = true;
  }

  become(principal: Principal, bounds: readonly Principal[] | undefined): void {
    this.principal = principal;
    this.bounds = bounds;
  }
}

const clock = () => new ManualClock();

const settle = () => new Promise((resolve) => setImmediate(resolve));

async function ask(found: Identification | Error, change: (held: Held) => void = () => {}) {
  const time = clock();
  const held = new Held(async () => {
    if (found instanceof Error) throw found;
    return found;
  });
  change(held);
  new Rechecks(createServices(silentRecorder, time)).due(held);
  await settle();
  return { held, time };
}

describe('a provider that is asked again', () => {
  it.each<[RefusalCode, RefusalCode | undefined]>([
    ['credential_invalid', 'session_revoked'],
    ['identity_mismatch', 'session_revoked'],
    ['credential_expired', 'session_expired'],
    ['identity_unavailable', undefined],
    ['identity_flooded', undefined],
    ['internal', undefined],
  ])('says %s: the session ends as %s', async (code, ended) => {
    const { held, time } = await ask(refuse(code, 'the provider says so'));
    expect(held.ended).toBe(ended);
    expect(held.recheckAt).toBeGreaterThan(time.ticks);
  });

  it('fails: the session goes on, and it is asked again', async () => {
    const { held, time } = await ask(new Error('away'));
    expect(held.ended).toBeUndefined();
    expect(held.recheckAt).toBeLessThanOrEqual(time.ticks + EVERY);
  });

  it('says no of a credential that runs out just now: that is the end it would have had', async () => {
    const { held } = await ask(refuse('credential_invalid', ''), (each) => {
      each.credentialEnds = clock().ticks + 4_000;
    });
    expect(held.ended).toBeUndefined();
  });

  it('knows nothing of it: the session goes on', async () => {
    expect((await ask(NOT_MINE)).held.ended).toBeUndefined();
  });

  it('says yes with other rights: they hold from now on, bounded by the old', async () => {
    const roles = ['read'];
    const expiresAt = clock().wall + 500_000;
    const { held } = await ask(fakePrincipal({ roles, expiresAt }));
    expect(held.principal).toMatchObject({ roles, expiresAt });
    expect(held.bounds).toHaveLength(1);
  });

  it('says the same as before: nothing changes', async () => {
    let before: Principal | undefined;
    const same = fakePrincipal({ expiresAt: clock().wall + 1_000_000 });
    const { held } = await ask(same, (each) => {
      before = each.principal;
    });
    expect(held.principal).toBe(before);
  });

  it('says that it is somebody else: the session ends', async () => {
    const { held } = await ask(fakePrincipal({ subject: 'eve' }));
    expect(held.ended).toBe('session_revoked');
  });

  it('says something of a token that was renewed meanwhile: that is passed over', async () => {
    const held = new Held(async () => {
      held.principal = fakePrincipal({ tokenId: 'newer' });
      return refuse('credential_invalid', '');
    });
    new Rechecks(createServices(silentRecorder, clock())).due(held);
    await settle();
    expect(held.ended).toBeUndefined();
  });
});

describe('many sessions', () => {
  it('are asked about in order, sixteen at a time', async () => {
    const answers: ((found: Identification) => void)[] = [];
    const asked: string[] = [];
    const rechecks = new Rechecks(createServices(silentRecorder, clock()));
    for (let i = 0; i < 40; i++) {
      rechecks.due(
        new Held(
          ({ subject }) => {
            asked.push(subject);
            return new Promise((resolve) => answers.push(resolve));
          },
          { subject: `s${i}` },
        ),
      );
    }
    expect(asked).toHaveLength(16);
    answers[0]!(NOT_MINE);
    await vi.waitFor(() => expect(asked).toHaveLength(17));
    for (let i = 1; i < 40; i++) {
      await vi.waitFor(() => expect(answers.length).toBeGreaterThan(i));
      answers[i]!(NOT_MINE);
    }
    await vi.waitFor(() => expect(asked).toEqual(Array.from({ length: 40 }, (_, i) => `s${i}`)));
  });

  it('that came together are not due together', () => {
    const held = new Held(async () => NOT_MINE);
    const times = Array.from({ length: 200 }, () => recheckTime(held, 0));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(EVERY / 2);
    expect(Math.max(...times)).toBeLessThanOrEqual(EVERY);
    expect(new Set(times).size).toBeGreaterThan(150);
  });
});
