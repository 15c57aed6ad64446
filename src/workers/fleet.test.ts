import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeWorker } from '../../test/support/fake-workers.ts';
import { Journal } from '../../test/support/journal.ts';
import type { ConfigProblem } from '../config/problem.ts';
import { ChannelError } from './channel.ts';
import { Fleet } from './fleet.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const PROBLEM: ConfigProblem = { file: 'sallyport.yaml', line: 3, column: 1, path: '', message: 'is wrong' };

function fleetOf(workers: number, make: (place: number) => FakeWorker = () => new FakeWorker()) {
  const forked: FakeWorker[] = [];
  const journal = new Journal();
  let problems: readonly ConfigProblem[] = [];
  const fleet = new Fleet({
    recorder: journal.record,
    workers,
    fork: () => {
      const worker = make(forked.length);
      forked.push(worker);
      return worker;
    },
    launch: async (worker) => {
      await worker.start({} as never);
      return problems;
    },
    serve: async () => undefined,
    subscribe: () => {},
    joined: () => {},
    left: () => {},
  });
  const fail = (...by: readonly ConfigProblem[]): void => {
    problems = by;
  };
  return { fleet, forked, journal, fail };
}

/** Lets what was sent arrive, without any time going by. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('a fleet', () => {
  it('starts one worker, and the others when that one serves', async () => {
    const { fleet, forked } = fleetOf(3);
    const started = fleet.start();
    expect(forked).toHaveLength(1);
    expect(await started).toEqual([]);
    expect(forked).toHaveLength(3);
    expect(fleet.serving.map(({ name }) => name)).toEqual(['worker 1', 'worker 2', 'worker 3']);
    expect(fleet.troubles()).toEqual([]);
  });

  it('says what is wrong with the first one’s configuration, and starts no other', async () => {
    const { fleet, forked, journal, fail } = fleetOf(3);
    fail(PROBLEM);
    expect(await fleet.start()).toEqual([PROBLEM]);
    await settle();
    expect(forked).toHaveLength(1);
    expect(journal.lines.filter(({ event }) => event === 'worker.lost')).toEqual([]);
  });

  it('replaces who ends, at once if that one had served for a while', async () => {
    const { fleet, forked, journal } = fleetOf(2);
    await fleet.start();
    await vi.advanceTimersByTimeAsync(20_000);
    forked[1]!.end(null, 'SIGKILL');
    await settle();
    expect(fleet.troubles()).toEqual(['worker 2 ended by SIGKILL']);
    await vi.advanceTimersByTimeAsync(0);
    await settle();
    expect(fleet.serving.map(({ number }) => number).sort()).toEqual([1, 2]);
    expect(journal.lines.find(({ event }) => event === 'worker.lost')).toMatchObject({
      number: 2,
      cause: 'signal',
      signal: 'SIGKILL',
      seconds: 20,
    });
  });

  it('tries more and more rarely with one that ends again and again, and says so', async () => {
    const { fleet, forked, journal } = fleetOf(2, (place) => {
      const worker: FakeWorker = new FakeWorker(place > 1 ? { start: () => worker.end(1) } : {});
      return worker;
    });
    await fleet.start();
    forked[1]!.end(1);
    for (let second = 0; second < 60; second++) {
      await settle();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(forked.length).toBeGreaterThan(5);
    expect(forked.length).toBeLessThan(15);
    expect(journal.lines.filter(({ event }) => event === 'worker.crash_loop').at(0)).toMatchObject({
      number: 2,
      failures: 3,
    });
    expect(fleet.troubles()).toEqual([expect.stringMatching(/^worker 2 ended \d+ times in a row/)]);
    expect(fleet.serving.map(({ number }) => number)).toEqual([1]);
  });

  it('puts another in the place of one that lets its sessions go, and waits for both', async () => {
    const { fleet, forked } = fleetOf(1);
    await fleet.start();
    forked[0]!.tell('leaving', 'TypeError at relay.ts:1');
    await vi.advanceTimersByTimeAsync(0);
    await settle();
    expect(fleet.serving).toHaveLength(1);
    expect(fleet.processes).toHaveLength(2);
    forked[0]!.end(3);
    await settle();
    expect(fleet.processes).toHaveLength(1);
    expect(forked).toHaveLength(2);
  });

  it('says who does not answer, and gives up one that does not for a minute', async () => {
    const { fleet, forked, journal } = fleetOf(2, (place) =>
      place === 1 ? new FakeWorker({ ping: () => new Promise(() => {}) }) : new FakeWorker(),
    );
    await fleet.start();
    await vi.advanceTimersByTimeAsync(31_000);
    expect(fleet.troubles()).toEqual(['worker 2 has not answered for 30 s']);
    expect(journal.named('worker.silent')).toMatchObject([{ number: 2, seconds: 3 }]); // once
    expect(forked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(31_000);
    await settle();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(journal.lines.find(({ event }) => event === 'worker.lost')).toMatchObject({ cause: 'silent' });
    expect(forked).toHaveLength(3);
  });

  it('waits for nobody who is late, and says when that one is heard again', async () => {
    let wake: (value?: unknown) => void = () => {};
    const { fleet, journal } = fleetOf(2, (place) =>
      place === 1
        ? new FakeWorker({ ping: () => new Promise((resolve) => (wake = resolve)) })
        : new FakeWorker(),
    );
    await fleet.start();
    await vi.advanceTimersByTimeAsync(5_000);
    const late = fleet.processes.find(({ number }) => number === 2)!;
    await expect(late.ask('series', [], 60_000)).rejects.toThrow(
      new ChannelError('has not answered for 4 s'),
    );
    wake();
    await settle();
    expect(journal.named('worker.heard')).toMatchObject([{ number: 2, seconds: 4 }]);
    expect(fleet.troubles()).toEqual([]);
    expect(journal.named('worker.lost')).toEqual([]);
  });

  it('replaces nobody any more once it was told to stop', async () => {
    const { fleet, forked } = fleetOf(2);
    const timers = vi.getTimerCount(); // of the record
    await fleet.start();
    fleet.stop('signal');
    await settle();
    await fleet.empty;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(forked).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(timers);
  });
});
