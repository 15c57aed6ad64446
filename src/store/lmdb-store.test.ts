import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkFolder, LmdbFolder } from './lmdb-folder.ts';
import { LmdbStore } from './lmdb-store.ts';
import { StoreError } from './store.ts';

let folder: string;
let now: number;
const stores: LmdbStore[] = [];

const open = (options = {}): LmdbStore => {
  const store = new LmdbStore(
    folder,
    { now: () => now, monotonic: () => now },
    { timeout: 10_000, ...options },
  );
  stores.push(store);
  return store;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-lmdb-'));
  now = 1_700_000_000_000;
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  rmSync(folder, { recursive: true });
});

describe('LmdbStore', () => {
  it('keeps what it has over a restart, for its time', async () => {
    const first = open();
    await first.set('a', { b: 1 }, 5_000);
    await first.increment('sum', 2);
    await first.close();
    const second = open();
    expect(await second.get('a')).toEqual({ b: 1 });
    expect(await second.increment('sum', 1)).toBe(3);
    now += 5_000;
    expect(await second.get('a')).toBeUndefined();
  });

  it('removes what has ended, however much there is', async () => {
    const store = open({ sweep: 20 });
    await Promise.all(Array.from({ length: 2_500 }, (_, i) => store.add(`ended/${i}`, i, 5)));
    await store.set('kept', 1);
    now += 5;
    expect(await store.list('')).toEqual([['kept', 1]]);
    const inside = new LmdbFolder(folder, 1, () => now);
    await vi.waitFor(() => expect(inside.size).toBe(1), { timeout: 10_000 });
    await inside.close();
  });

  it('takes no more than it may, and makes room by what has ended', async () => {
    const store = open({ capacity: 20 });
    for (let i = 0; i < 20; i++) await store.set(`${i}`, i, 100);
    await expect(store.set('more', 1)).rejects.toThrow(StoreError);
    expect(store.trouble).toBeUndefined();
    await store.set('3', 'again', 500); // one that is there
    now += 100;
    await store.set('more', 1);
    expect((await store.list('')).length).toBe(2);
  });

  it('does not block an allowance for long when the clock was put back', async () => {
    const store = open();
    const limit = { interval: 10, tolerance: 100 };
    expect(await store.draw('a', 20, limit)).toBe(10);
    now -= 3_600_000;
    expect(await store.draw('a', 20, limit)).toBe(0);
    now += 100;
    expect(await store.draw('a', 20, limit)).toBe(10);
  });

  it('refuses when it is closed, and closes twice', async () => {
    const store = open();
    await store.close();
    await store.close();
    await expect(store.get('a')).rejects.toThrow(StoreError);
    await expect(store.set('a', 1)).rejects.toThrow(StoreError);
  });

  it('makes a folder that only its owner reads', () => {
    folder = join(folder, 'made', 'here');
    open();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    folder = join(folder, '..', '..');
  });
});

describe('checkFolder', () => {
  it('takes a folder that is empty or not there, and one that is in use', async () => {
    checkFolder(join(folder, 'none'));
    checkFolder(folder);
    const store = open();
    for (let i = 0; i < 50; i++) await store.set(`${i}`, 'x'.repeat(1_000));
    checkFolder(folder);
  });

  it('says that a file is damaged which is no database, or was cut short', async () => {
    const store = open();
    for (let i = 0; i < 50; i++) await store.set(`${i}`, 'x'.repeat(1_000));
    await store.close();
    truncateSync(join(folder, 'data.mdb'), 20_000);
    expect(() => checkFolder(folder)).toThrow(/data\.mdb is damaged/);
    for (const text of ['x', 'no database'.repeat(2_000)]) {
      writeFileSync(join(folder, 'data.mdb'), text);
      expect(() => checkFolder(folder)).toThrow(/data\.mdb is damaged/);
    }
    expect(() => open()).toThrow(StoreError);
  });
});
