import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from './memory-store.ts';
import { type Quota, Quotas } from './quotas.ts';
import { StoreError } from './store.ts';

const DAY = 86_400_000;
const NOON = Date.UTC(2026, 0, 31, 12);

let now = NOON;
let away = false;
const clock = { now: () => now, monotonic: () => now };
let memory: MemoryStore;
const store = {
  increment: async (...asked: Parameters<MemoryStore['increment']>) => {
    if (away) throw new StoreError('away');
    return await memory.increment(...asked);
  },
};

beforeEach(() => {
  now = NOON;
  away = false;
  memory = new MemoryStore(clock);
});

const answers = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await null;
};

/** How many of so many tries pass on a node, one by one. */
async function spend(
  quotas: Quotas,
  quota: Quota,
  tries: number,
  fail: 'local' | 'open' | 'closed' = 'local',
) {
  let passed = 0;
  for (let i = 0; i < tries; i++) {
    const allowance = quotas.of('chat/alice', quota, fail);
    if (i === 0) await allowance.ready();
    if (!allowance.allows(1)) continue;
    allowance.spend(1);
    passed++;
    await answers();
  }
  return passed;
}

describe('a quota', () => {
  const quota: Quota = { most: 1_000, period: 'day' };

  it('passes exactly so many on one node', async () => {
    expect(await spend(new Quotas(store, clock), quota, 2_000)).toBe(1_000);
  });

  it('passes on three nodes what it says, and at most a lease each beyond it', async () => {
    const nodes = [1, 2, 3].map(() => new Quotas(store, clock));
    let passed = 0;
    for (let round = 0; round < 60; round++) for (const node of nodes) passed += await spend(node, quota, 10);
    for (const node of nodes) await node.close();
    for (const node of nodes) passed += await spend(node, quota, 1_000);
    expect(passed).toBe(1_000);
  });

  it('lets a whole lease pass at once, before the store has answered again', async () => {
    const quotas = new Quotas(store, clock);
    const allowance = quotas.of('chat/alice', { most: 320, period: 'day' }, 'local');
    await allowance.ready();
    let passed = 0;
    while (allowance.allows(1) && passed < 1_000) {
      allowance.spend(1);
      passed++;
    }
    expect(passed).toBe(64); // its lease, and as much on trust
  });

  it('survives a restart: what was not spent is there again, and no more', async () => {
    const first = new Quotas(store, clock);
    expect(await spend(first, quota, 400)).toBe(400);
    await first.close();
    expect(await spend(new Quotas(store, clock), quota, 2_000)).toBe(600);
  });

  it('loses the rest of its lease with a node that is killed, and never gains', async () => {
    expect(await spend(new Quotas(store, clock), quota, 450)).toBe(450);
    const passed = await spend(new Quotas(store, clock), quota, 2_000);
    expect(passed).toBeGreaterThanOrEqual(350);
    expect(passed).toBeLessThanOrEqual(550);
  });

  it('is whole again when the next day begins, which it says beforehand', async () => {
    const quotas = new Quotas(store, clock);
    await spend(quotas, quota, 2_000);
    expect(quotas.of('chat/alice', quota, 'local').renews).toBe(DAY / 2);
    now += DAY / 2;
    expect(await spend(quotas, quota, 2_000)).toBe(1_000);
  });

  it('of a month ends with the month', async () => {
    const quotas = new Quotas(store, clock);
    const monthly: Quota = { most: 100, period: 'month' };
    expect(await spend(quotas, monthly, 200)).toBe(100);
    now += DAY / 2;
    expect(await spend(quotas, monthly, 200)).toBe(100);
    expect(quotas.of('chat/alice', monthly, 'local').renews).toBe(28 * DAY);
  });

  it('that is used up elsewhere is asked for again', async () => {
    const [a, b] = [new Quotas(store, clock), new Quotas(store, clock)] as const;
    await a.of('chat/alice', { most: 32, period: 'day' }, 'local').ready();
    expect(await spend(b, { most: 32, period: 'day' }, 5)).toBe(0);
    a.turn();
    a.turn(); // not used for a turn: given back
    await answers();
    now += 1_000;
    expect(await spend(b, { most: 32, period: 'day' }, 40)).toBe(32);
  });
});

describe('while the store is away', () => {
  it.each([
    ['local', 100],
    ['open', 500],
    ['closed', 0],
  ] as const)('%s does what it says', async (fail, expected) => {
    away = true;
    expect(await spend(new Quotas(store, clock), { most: 100, period: 'day' }, 500, fail)).toBe(expected);
  });

  it('what was spent alone is counted when it is back', async () => {
    const quotas = new Quotas(store, clock);
    away = true;
    expect(await spend(quotas, { most: 100, period: 'day' }, 60)).toBe(60);
    away = false;
    now += 1_000;
    expect(await spend(quotas, { most: 100, period: 'day' }, 100)).toBe(40);
  });
});
