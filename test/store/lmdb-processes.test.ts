import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/store/clock.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';

// Several processes share a folder, and one of them is killed or stopped.

let folder: string;
let store: LmdbStore;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-lmdb-'));
  store = new LmdbStore(folder, systemClock, { timeout: 10_000 });
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Resolves when it has begun to write. */
async function writer(...times: string[]): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'lmdb-writer.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder, ...times], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout!, 'data');
  child.stdout!.resume();
  return child;
}

it('loses nothing of what several add at the same time', { timeout: 60_000 }, async () => {
  const writers = await Promise.all([writer('300'), writer('300')]);
  const gone = writers.map((child) => once(child, 'exit'));
  for (let i = 0; i < 300; i++) await store.increment('sum', 1);
  await Promise.all(gone);
  expect(await store.get('sum')).toBe(900);
});

it('goes on when a process is killed amid its writes', { timeout: 60_000 }, async () => {
  for (let round = 0; round < 3; round++) {
    const child = await writer();
    const before = Number(await store.get('sum'));
    await vi.waitFor(async () => expect(await store.get('sum')).toBeGreaterThan(before + 20));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const sum = Number(await store.get('sum'));
    expect(await store.increment('sum', 1)).toBe(sum + 1);
  }
});

it('keeps no loop waiting while another process holds the lock and is stopped', {
  timeout: 60_000,
}, async () => {
  // Whether it is stopped with the lock in its hands is chance: some rounds make it likely.
  for (let round = 0; round < 5; round++) {
    const child = await writer();
    child.kill('SIGSTOP');
    const slow = new LmdbStore(folder, systemClock, { timeout: 200 });
    const begun = performance.now();
    await slow.increment('other', 1).catch(() => 'late');
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(await slow.get('sum')).toBeGreaterThan(0); // reading needs no lock
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await store.increment('other', 1);
    await slow.close();
  }
});
