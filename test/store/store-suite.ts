import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { limitOf } from '../../src/store/buckets.ts';
import { type Store, StoreError } from '../../src/store/store.ts';

/** One form of the store, as the tests of all forms open it. */
export interface StoreForm {
  readonly name: string;
  /** Two of it that share what they keep, as two processes would. */
  open(): Promise<{ stores: readonly [Store, Store]; close(): Promise<void> }>;
}

/** What every form of the store must do. */
export function describeStore({ name, open }: StoreForm): void {
  describe(`${name} store`, () => {
    let opened: Awaited<ReturnType<StoreForm['open']>>;
    let here: Store;
    let there: Store;
    let count = 0;
    /** Keys are new for each test, so that none has to clear the store. */
    let key: (name: string) => string;

    beforeAll(async () => {
      opened = await open();
      [here, there] = opened.stores;
    });
    afterAll(() => opened?.close());
    beforeEach(() => {
      const test = ++count;
      key = (name) => `test/${test}/${name}`;
    });

    it.each([
      null,
      true,
      0,
      -1.5,
      1e21,
      0.1 + 0.2,
      Number.MAX_SAFE_INTEGER,
      '',
      'é\u{1f512}\0"',
      [],
      {},
      { a: [1, { b: null }] },
    ])('keeps %j as it is, and shows it to the other process', async (value) => {
      await here.set(key('a'), value);
      expect(await there.get(key('a'))).toEqual(value);
    });

    it('has nothing under a key that nobody set, or that was deleted', async () => {
      expect(await here.get(key('a'))).toBeUndefined();
      await here.set(key('a'), 1);
      await there.delete(key('a'));
      await there.delete(key('a'));
      expect(await here.get(key('a'))).toBeUndefined();
    });

    it('lets an entry end by itself, and a new one take its place', async () => {
      await here.set(key('a'), 1, 40);
      await here.set(key('kept'), 1);
      await vi.waitFor(async () => expect(await there.get(key('a'))).toBeUndefined());
      expect(await there.take(key('a'))).toBeUndefined();
      expect(await there.add(key('a'), 2)).toBe(true);
      expect(await here.get(key('a'))).toBe(2);
      expect(await here.get(key('kept'))).toBe(1);
    });

    it('forgets the end of an entry that is set anew', async () => {
      await here.set(key('a'), 1, 40);
      await here.set(key('a'), 2);
      await here.set(key('mark'), 1, 40);
      await vi.waitFor(async () => expect(await there.get(key('mark'))).toBeUndefined());
      expect(await there.get(key('a'))).toBe(2);
    });

    it('gives what is added to the first', async () => {
      expect(await here.add(key('a'), 'first')).toBe(true);
      expect(await there.add(key('a'), 'second')).toBe(false);
      expect(await here.get(key('a'))).toBe('first');
    });

    it('lets one of many that race add, and one take', async () => {
      for (let round = 0; round < 20; round++) {
        const name = key(`${round}`);
        const adds = Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? here : there).add(name, i));
        expect((await Promise.all(adds)).filter(Boolean)).toHaveLength(1);
        const takes = Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? here : there).take(name));
        expect((await Promise.all(takes)).filter((value) => value !== undefined)).toHaveLength(1);
      }
    });

    it('adds up what many add at once, and loses nothing', async () => {
      const sums = await Promise.all(
        Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? here : there).increment(key('a'), 3)),
      );
      expect(sums.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => (i + 1) * 3));
      expect(await here.get(key('a'))).toBe(600);
    });

    it('never adds past the most, however many try at once', async () => {
      await Promise.all(
        Array.from({ length: 60 }, (_, i) =>
          (i % 2 === 0 ? here : there).increment(key('a'), 2, { most: 9 }),
        ),
      );
      expect(await here.get(key('a'))).toBe(8);
      expect(await there.increment(key('a'), 2, { most: 9 })).toBe(8);
      expect(await there.increment(key('a'), 1, { most: 9 })).toBe(9);
      expect(await there.increment(key('a'), -5, { most: 9 })).toBe(4);
    });

    it('counts the end of a sum from its first add', async () => {
      await here.increment(key('a'), 1, { ttl: 150 });
      await pause(100);
      expect(await there.increment(key('a'), 1, { ttl: 10_000 })).toBe(2);
      await vi.waitFor(async () => expect(await here.get(key('a'))).toBeUndefined());
      expect(await here.increment(key('a'), 1)).toBe(1);
    });

    it('does not count what is no number', async () => {
      await here.set(key('a'), 'text');
      await expect(here.increment(key('a'), 1)).rejects.toThrow(StoreError);
      expect(await here.get(key('a'))).toBe('text');
      expect(here.trouble).toBeUndefined();
    });

    it('pays out an allowance that is shared, and no more of it', async () => {
      const limit = limitOf({ count: 10, period: 3_600_000 }, 50);
      const draws = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? here : there).draw(key('a'), 4, limit)),
      );
      expect(draws.reduce((a, b) => a + b)).toBe(50);
      expect(await here.draw(key('a'), 1, limit)).toBe(0);
    });

    it('pays an allowance back with time', async () => {
      const limit = limitOf({ count: 1_000, period: 1_000 }, 20);
      expect(await here.draw(key('a'), 30, limit)).toBe(20);
      await vi.waitFor(async () => expect(await there.draw(key('a'), 5, limit)).toBe(5), { interval: 10 });
    });

    it('lists what begins with a prefix, and nothing else', async () => {
      const special = ['a', 'a/b', 'a*', 'a?', 'a[b]', 'a\\', 'aé', 'a\u{10ffff}'];
      for (const name of special) await here.set(key(name), name);
      await here.set(key('b'), 'b');
      await here.set(key('a-ended'), 'x', 1);
      await vi.waitFor(async () => expect(await there.get(key('a-ended'))).toBeUndefined());
      const listed = new Map(await there.list(key('a')));
      expect(listed).toEqual(new Map(special.map((name) => [key(name), name])));
      expect(await there.list(key('a*'))).toEqual([[key('a*'), 'a*']]);
      expect(await there.list(key('z'))).toEqual([]);
    });

    it('lists more than fits into one answer', async () => {
      const names = Array.from({ length: 2_500 }, (_, i) => key(`many/${i}`));
      await Promise.all(names.map((name) => here.set(name, name)));
      const listed = await there.list(key('many/'));
      expect(listed).toHaveLength(2_500);
      expect(new Map(listed)).toEqual(new Map(names.map((name) => [name, name])));
    });

    it('takes long keys, and refuses what no form of it could keep', async () => {
      const long = key('é'.repeat(500));
      await here.set(long, 1);
      expect(await there.get(long)).toBe(1);
      for (const wrong of ['', 'x'.repeat(1_025), 'é'.repeat(513), '\ud800']) {
        await expect(here.set(wrong, 1)).rejects.toThrow(StoreError);
        await expect(here.get(wrong)).rejects.toThrow(StoreError);
        await expect(here.increment(wrong, 1)).rejects.toThrow(StoreError);
        await expect(here.take(wrong)).rejects.toThrow(StoreError);
        await expect(here.delete(wrong)).rejects.toThrow(StoreError);
      }
      await expect(here.set(key('a'), 'x'.repeat(70_000))).rejects.toThrow(StoreError);
      await expect(here.add(key('a'), 'x'.repeat(70_000))).rejects.toThrow(StoreError);
      expect(await here.get(key('a'))).toBeUndefined();
      expect(here.trouble).toBeUndefined();
    });
  });
}
