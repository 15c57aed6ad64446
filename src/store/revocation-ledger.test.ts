import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LocalBus } from './bus.ts';
import { systemClock } from './clock.ts';
import { MemoryStore } from './memory-store.ts';
import { RevocationLedger } from './revocation-ledger.ts';
import { type Revocation, Revocations } from './revocations.ts';
import { StoreError } from './store.ts';

class GapBus extends LocalBus {
  gap(): void {
    this.missed();
  }
}

/** A store that others share is no `memory`. */
class SharedStore extends MemoryStore {
  override readonly kind = 'redis' as 'memory';
}

let store: SharedStore;
let bus: GapBus;
const ledgers: RevocationLedger[] = [];

beforeEach(() => {
  store = new SharedStore(systemClock);
  bus = new GapBus();
});
afterEach(() => {
  vi.useRealTimers();
  for (const ledger of ledgers.splice(0)) ledger.close();
});

/** What one process knows, at this bus or at one of its own. */
function node(at: LocalBus = bus) {
  const revocations = new Revocations(systemClock);
  const held: Revocation[] = [];
  const faults: unknown[] = [];
  const ledger = new RevocationLedger(
    { revocations, store, bus: at, clock: systemClock },
    { holds: (each) => held.push(each), fault: (error) => faults.push(error) },
  );
  ledgers.push(ledger);
  return { revocations, held, faults, ledger };
}

const ada = (more: Partial<Revocation> = {}): Revocation => ({
  by: 'subject',
  value: 'ada',
  issuedBefore: 1_000,
  until: Date.now() + 60_000,
  at: 1,
  ...more,
});
const HOLDER = { subject: 'ada', issuedAt: 1 };

describe('a ledger', () => {
  it('brings a revocation into force before anything is waited for, and keeps it', async () => {
    const { ledger, revocations, held } = node();
    const kept = ledger.add(ada());
    expect(revocations.find(HOLDER)).toBeDefined();
    expect(held).toHaveLength(1);
    expect(await kept).toEqual({ kept: true });
    expect(await store.list('revocation/')).toEqual([
      [expect.any(String), ada({ until: expect.any(Number) })],
    ]);
  });

  it('tells others at once, once', async () => {
    const [a, b] = [node(), node()];
    const one = ada();
    await a.ledger.add(one);
    expect(b.held).toHaveLength(1);
    expect(b.revocations.find(HOLDER)).toBeDefined();
    await a.ledger.add(one);
    expect(b.held).toHaveLength(1);
  });

  it('knows at its start what was kept, and not what has ended', async () => {
    await node().ledger.add(ada());
    await store.set('revocation/x', { ...ada({ value: 'bob', until: 5 }) });
    const late = node(new LocalBus());
    await late.ledger.open();
    expect(late.revocations.inForce()).toHaveLength(1);
    expect(late.held).toHaveLength(1);
  });

  it('does not start on what it cannot understand', async () => {
    await store.set('revocation/x', { by: 'colour', value: 'red' });
    await expect(node().ledger.open()).rejects.toThrow(StoreError);
  });

  it('takes what it does understand, and leaves what a later version wrote as it is', async () => {
    const later = { ...ada(), scope: 'read' };
    await store.set('revocation/a', { by: 'colour', value: 'red' });
    await store.set('revocation/b', later);
    const { ledger, revocations } = node();
    revocations.add(ada({ value: 'bob' }));
    await expect(ledger.open()).rejects.toThrow(/under revocation\/a/);
    expect(revocations.find(HOLDER)).toBeDefined();
    const entries = await store.list('revocation/');
    expect(entries).toHaveLength(3); // and bob, who had been lost
    expect(entries).toContainEqual(['revocation/b', later]);
  });

  it('reads again after a gap, and ends what it learns of', async () => {
    const [a, b] = [node(new LocalBus()), node()];
    await b.ledger.open();
    await a.ledger.add(ada());
    expect(b.held).toEqual([]);
    bus.gap();
    await vi.waitFor(() => expect(b.held).toHaveLength(1));
  });

  it('reads again now and then, though nothing seems to have been missed', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }); // those of the ledger, and nobody else's
    const [a, b] = [node(new LocalBus()), node(new LocalBus())];
    await b.ledger.open();
    await a.ledger.add(ada());
    await vi.advanceTimersByTimeAsync(26_000);
    expect(b.held).toEqual([]);
    await vi.advanceTimersByTimeAsync(8_000);
    expect(b.held).toHaveLength(1);
  });

  it('writes what the store has lost, and says so to those who read it too early', async () => {
    const [a, b] = [node(), node()];
    vi.spyOn(bus, 'publish').mockRejectedValueOnce(new StoreError('away'));
    vi.spyOn(store, 'set').mockRejectedValueOnce(new StoreError('away'));
    expect(await a.ledger.add(ada())).toEqual({
      kept: false,
      problem: 'it would not outlive a restart: away',
    });
    expect(b.held).toEqual([]);
    await a.ledger.converge();
    await vi.waitFor(() => expect(b.held).toHaveLength(1));
    expect(await store.list('revocation/')).toHaveLength(1);
  });

  it('says when others will hear of it late', async () => {
    const { ledger } = node();
    vi.spyOn(bus, 'publish').mockRejectedValueOnce(new StoreError('away'));
    expect(await ledger.add(ada())).toEqual({ kept: true, problem: 'others hear of it later: away' });
  });

  it('agrees on the stricter of two that were ordered apart', async () => {
    const [a, b] = [node(new LocalBus()), node(new LocalBus())];
    await a.ledger.add(ada({ issuedBefore: 2_000 }));
    await b.ledger.add(ada({ until: Date.now() + 90_000 }));
    for (let round = 0; round < 2; round++) for (const { ledger } of [a, b]) await ledger.converge();
    expect(a.revocations.all()).toEqual(b.revocations.all());
    expect(a.revocations.all()).toMatchObject([{ issuedBefore: 2_000 }]);
  });

  it('takes one back everywhere, and nobody brings it in again', async () => {
    const [a, b] = [node(), node()];
    await a.ledger.add(ada());
    await b.ledger.add(ada({ at: 2, lifted: true }));
    expect(a.revocations.find(HOLDER)).toBeUndefined();
    for (const { ledger } of [a, b]) await ledger.converge();
    expect(b.revocations.find(HOLDER)).toBeUndefined();
    expect(b.held).toHaveLength(1); // the first; one that is lifted ends nobody
    await a.ledger.add(ada({ at: 3 }));
    expect(b.revocations.find(HOLDER)).toBeDefined();
  });

  it('hears nothing in what is no revocation, and says when there is no room', async () => {
    const { revocations, faults } = node();
    for (const junk of [null, 'x', {}, { ...ada(), by: 'colour' }, { ...ada(), until: 'never' }]) {
      await bus.publish('revocations', junk);
    }
    expect(revocations.size).toBe(0);
    vi.spyOn(revocations, 'add').mockImplementation(() => {
      throw new RangeError('too many revocations');
    });
    await bus.publish('revocations', { ...ada() });
    expect(faults).toHaveLength(1);
  });
});
