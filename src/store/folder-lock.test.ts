import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FolderLock } from './folder-lock.ts';
import { MemoryStore } from './memory-store.ts';
import { StoreError } from './store.ts';

const host = hostname();
let store: MemoryStore;
const locks: FolderLock[] = [];

const lockOf = (pid: number): FolderLock => {
  const lock = new FolderLock(store, pid);
  locks.push(lock);
  return lock;
};

beforeEach(() => {
  store = new MemoryStore({ now: () => Date.now(), monotonic: () => performance.now() });
});
afterEach(() => {
  for (const lock of locks.splice(0)) lock.stop();
  vi.useRealTimers();
});

it('is for one gateway, and for the next when that has let go', async () => {
  const first = lockOf(process.pid);
  await first.take();
  // The parent of this process lives as well.
  await expect(lockOf(process.ppid).take()).rejects.toThrow(
    new StoreError(`the gateway with process id ${process.pid} uses this folder`),
  );
  await first.release();
  await lockOf(process.ppid).take();
});

it('is shared by the workers of one gateway', async () => {
  await lockOf(process.pid).take();
  await lockOf(process.pid).take();
});

it('passes at once from a process that was killed', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  await lockOf(pid).take();
  await lockOf(process.pid).take();
  expect(await store.get('@owner')).toEqual({ host, pid: process.pid });
});

it('passes from another machine when nothing was heard of it for a while, and not before', async () => {
  vi.useFakeTimers();
  await store.set('@owner', { host: 'elsewhere', pid: 1 }, 10_000);
  const taken = lockOf(process.pid).take();
  await vi.advanceTimersByTimeAsync(9_000);
  expect(await store.get('@owner')).toEqual({ host: 'elsewhere', pid: 1 });
  await vi.advanceTimersByTimeAsync(1_500);
  await taken;
  expect(await store.get('@owner')).toEqual({ host, pid: process.pid });
});

it('is refused while another machine gives its word', async () => {
  vi.useFakeTimers();
  await store.set('@owner', { host: 'elsewhere', pid: 1 });
  const taken = expect(lockOf(process.pid).take()).rejects.toThrow(/another machine or container/);
  await vi.advanceTimersByTimeAsync(12_000);
  await taken;
});

it('is kept while the process lives, and says when somebody else has taken it', async () => {
  vi.useFakeTimers();
  const lock = lockOf(process.pid);
  await lock.take();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await store.get('@owner')).toEqual({ host, pid: process.pid });
  expect(lock.trouble).toBeUndefined();
  await store.set('@owner', { host: 'elsewhere', pid: 1 });
  await vi.advanceTimersByTimeAsync(3_000);
  expect(lock.trouble).toMatch(/another gateway/);
  await lock.release();
  expect(await store.get('@owner')).toEqual({ host: 'elsewhere', pid: 1 });
});
