import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from './memory-store.ts';
import { StoreError } from './store.ts';
import { OTHERS, UsageMeter, type Used } from './usage.ts';

const DAY = 86_400_000;
const KEEP = 400 * DAY;

let now: number;
let away: boolean;
const clock = { now: () => now, monotonic: () => now };
let memory: MemoryStore;
const store = {
  increment: async (...asked: Parameters<MemoryStore['increment']>) => {
    if (away) throw new StoreError('away');
    return await memory.increment(...asked);
  },
  list: (prefix: string) => memory.list(prefix),
};

beforeEach(() => {
  now = Date.UTC(2026, 10, 21, 23);
  away = false;
  memory = new MemoryStore(clock);
});

const used = (received: number, milliseconds = 0): Used => {
  return { received, sent: 2, receivedBytes: 30, sentBytes: 40, milliseconds };
};
const ada = { route: 'chat', tenant: 'acme/eu', subject: 'ada' };
const TODAY = { from: '2026-11-21', to: '2026-11-21' };

describe('UsageMeter', () => {
  it('adds up what one holder used in a day, from all nodes', async () => {
    const [a, b] = [new UsageMeter(store, clock, KEEP), new UsageMeter(store, clock, KEEP)];
    a.add(ada, used(5, 1_500));
    a.add(ada, used(1));
    b.add(ada, used(4, 700));
    await Promise.all([a.flush(), b.flush()]);
    expect(await a.read(TODAY)).toEqual([
      {
        day: '2026-11-21',
        ...ada,
        received: 10,
        sent: 6,
        receivedBytes: 90,
        sentBytes: 120,
        milliseconds: 2_200,
      },
    ]);
  });

  it('keeps days apart, and finds who is asked for', async () => {
    const meter = new UsageMeter(store, clock, KEEP);
    meter.add(ada, used(1));
    meter.add({ ...ada, subject: 'bob' }, used(2));
    now += DAY / 12;
    meter.add(ada, used(3));
    await meter.flush();
    const both = { from: '2026-11-21', to: '2026-11-22' };
    const seen = async (who: object) =>
      (await meter.read({ ...both, ...who })).map(({ day, subject, received }) => [day, subject, received]);
    expect(await seen({})).toEqual([
      ['2026-11-21', 'ada', 1],
      ['2026-11-21', 'bob', 2],
      ['2026-11-22', 'ada', 3],
    ]);
    expect(await seen({ subject: 'bob' })).toEqual([['2026-11-21', 'bob', 2]]);
    expect(await seen({ tenant: 'acme' })).toEqual([]);
  });

  it('keeps what cannot be written, and writes it once', async () => {
    const meter = new UsageMeter(store, clock, KEEP);
    away = true;
    meter.add(ada, used(5));
    await meter.flush();
    meter.add(ada, used(2));
    away = false;
    await meter.flush();
    await meter.flush();
    expect(await meter.read(TODAY)).toMatchObject([{ received: 7, sent: 4 }]);
  });

  it('puts together the rest of a tenant when too many wait', async () => {
    const written = new Map<string, number>();
    const increment = async (key: string, by: number) => {
      written.set(key, by);
      return by;
    };
    const meter = new UsageMeter({ increment, list: store.list }, clock, KEEP);
    for (let i = 0; i < 50_100; i++) meter.add({ ...ada, subject: `${i}` }, used(1));
    await meter.flush();
    const rest = `usage/2026-11-21/acme%2Feu/${encodeURIComponent(OTHERS)}/chat/received`;
    expect(written.get(rest)).toBe(100);
  });

  it.each([
    ['2026-11-22', '2026-11-21'],
    ['2026-01-01', '2027-12-31'],
    ['x', '2026-01-01'],
  ])('reads no days from %s to %s', async (from, to) => {
    await expect(new UsageMeter(store, clock, KEEP).read({ from, to })).rejects.toThrow(RangeError);
  });
});
