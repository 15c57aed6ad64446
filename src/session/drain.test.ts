import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakePrincipal } from '../../test/support/guard.ts';
import { Wired, wordRoute } from '../../test/support/wired-session.ts';
import { readCloseReason } from '../protocol/close-advice.ts';
import { drain, inTurn } from './drain.ts';
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

  it('hushes each session before it is told to go', async () => {
    const registry = new Registry();
    const all = sessions(registry, 10);
    const hushed = () => all.filter(({ client }) => client.isPaused()).length;
    void drain(registry, { window: 10_000, grace: 2_000 });
    await vi.advanceTimersByTimeAsync(1_900);
    expect([hushed(), ending(all)]).toEqual([2, 0]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect([hushed(), ending(all)]).toEqual([2, 3]); // who is told is read again, for its answer
    await vi.advanceTimersByTimeAsync(8_000);
    expect([hushed(), ending(all)]).toEqual([0, 10]);
  });

  it('cuts what is left at the deadline, and counts it', async () => {
    const registry = new Registry();
    const all = sessions(registry, 4);
    const done = drain(registry, { window: 1_000, deadline: 3_000 });
    await vi.advanceTimersByTimeAsync(2_900);
    all[0]!.session.destroy();
    expect(all[1]!.client.destroyed).toBe(false);
    await vi.advanceTimersByTimeAsync(100);
    expect(await done).toBe(3);
    expect(all.every(({ client, upstream }) => client.destroyed && upstream.destroyed)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells each client its own time to come back', async () => {
    const registry = new Registry();
    const all = sessions(registry, 100);
    void drain(registry, { window: 0, returnAfter: 10_000 });
    const waits = all.map(({ client }) => {
      const [, reason = ''] = /^close 1012 (.*)$/.exec(client.said[0]!) ?? [];
      expect(readCloseReason(reason)?.name).toBe('draining');
      return readCloseReason(reason)!.after!;
    });
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(10_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(20_000);
    expect(new Set(waits).size).toBeGreaterThan(50);
  });

  it('spreads the sessions of every tenant over the whole of it', () => {
    const registry = new Registry();
    const join = (tenant: string, count: number): void => {
      const principal = fakePrincipal({ tenant });
      for (let i = 0; i < count; i++) new Wired(wordRoute(), { principal }, { registry });
    };
    join('large', 800);
    join('small', 40);
    join('medium', 160);
    const turns = inTurn(registry);
    expect(new Set(turns).size).toBe(1_000);
    for (const [tenant, count] of [
      ['large', 800],
      ['small', 40],
      ['medium', 160],
    ] as const) {
      for (let quarter = 0; quarter < 4; quarter++) {
        const part = turns.slice(quarter * 250, quarter * 250 + 250);
        const there = part.filter(({ principal }) => principal.tenant === tenant).length;
        expect(Math.abs(there - count / 4)).toBeLessThanOrEqual(Math.max(3, count / 40));
      }
    }
  });

  it('tells the clients of each tenant to go at one pace, over the whole window', async () => {
    const registry = new Registry();
    const join = (tenant: string, count: number): Wired[] => {
      const principal = fakePrincipal({ tenant });
      return Array.from({ length: count }, () => new Wired(wordRoute(), { principal }, { registry }));
    };
    const tenants = [join('large', 400), join('small', 20), join('medium', 80)];
    void drain(registry, { window: 10_000 });
    for (let quarter = 1; quarter < 4; quarter++) {
      await vi.advanceTimersByTimeAsync(2_500);
      for (const all of tenants) {
        const due = (all.length * quarter) / 4;
        expect(Math.abs(ending(all) - due)).toBeLessThanOrEqual(Math.max(3, all.length / 40));
      }
    }
    await vi.advanceTimersByTimeAsync(2_500);
    expect(tenants.map(ending)).toEqual([400, 20, 80]);
  });

  it('is done at once where there is nobody', async () => {
    await drain(new Registry(), { window: 60_000 });
  });
});
