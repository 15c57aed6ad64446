import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Wired, wordRoute } from '../../test/support/wired-session.ts';
import { drain } from './drain.ts';
import { Registry } from './registry.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function sessions(registry: Registry, count: number): Wired[] {
  return Array.from({ length: count }, () => new Wired(wordRoute(), {}, { registry }));
}

const ending = (all: readonly Wired[]) => all.filter(({ session }) => session.ending).length;

describe('drain', () => {
  it.each([
    [10, 10_000],
    [1_000, 10_000],
    [3, 60_000],
  ])('ends %d sessions evenly over %d ms, with 1012', async (count, window) => {
    const registry = new Registry();
    const all = sessions(registry, count);
    const done = drain(registry, { window });
    for (let tenth = 0; tenth < 10; tenth++) {
      const due = (tenth / 10) * count;
      expect(ending(all)).toBeGreaterThanOrEqual(Math.floor(due));
      expect(ending(all)).toBeLessThanOrEqual(Math.ceil(due) + 1 + count / 100);
      await vi.advanceTimersByTimeAsync(window / 10);
    }
    expect(ending(all)).toBe(count);
    expect(all[0]!.client.said).toEqual(['close 1012 draining']);
    for (const { session } of all) session.destroy();
    await vi.advanceTimersByTimeAsync(100);
    await done;
    expect(registry.size).toBe(0);
  });

  it('waits for those that have been told', async () => {
    const registry = new Registry();
    const [one] = sessions(registry, 1);
    let done = false;
    const draining = drain(registry, { window: 100 }).then(() => {
      done = true;
    });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(done).toBe(false);
    one!.session.destroy();
    await vi.advanceTimersByTimeAsync(100);
    await draining;
  });

  it('ends those too that came while it ran', async () => {
    const registry = new Registry();
    sessions(registry, 2);
    void drain(registry, { window: 1_000 });
    await vi.advanceTimersByTimeAsync(600);
    const late = sessions(registry, 1);
    await vi.advanceTimersByTimeAsync(600);
    expect(ending(late)).toBe(1);
  });

  it('ends all that are left at once, and waits for nobody, when it is aborted', async () => {
    const registry = new Registry();
    const all = sessions(registry, 10);
    const abort = new AbortController();
    const done = drain(registry, { window: 60_000, signal: abort.signal });
    await vi.advanceTimersByTimeAsync(1_000);
    abort.abort();
    await done;
    expect(ending(all)).toBe(10);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is done at once where there is nobody', async () => {
    await drain(new Registry(), { window: 60_000 });
  });
});
