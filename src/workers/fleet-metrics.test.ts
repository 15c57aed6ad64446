import { beforeEach, expect, it } from 'vitest';
import { total } from '../../test/support/exposition.ts';
import { FakeWorker } from '../../test/support/fake-workers.ts';
import { Meter } from '../record/meter.ts';
import { FleetMetrics } from './fleet-metrics.ts';
import { WorkerProcess } from './worker-process.ts';

const meterOf = (): Meter =>
  new Meter((_where, error) => {
    throw error;
  });

const host = { serve: async () => {}, subscribe() {}, leaving() {}, answered() {}, ended() {} };

/** A worker with a meter of its own. */
class Counting {
  readonly meter = meterOf();
  readonly fake: FakeWorker = new FakeWorker({ series: () => this.answer() });
  readonly worker: WorkerProcess;
  answer: () => unknown = () => this.meter.series();

  constructor(number: number) {
    this.worker = new WorkerProcess(number, this.fake, host);
    this.meter.know('route', ['chat']);
    this.meter.source('sallyport_workers', () => [{ labels: {}, value: 1 }]);
    this.meter.source('sallyport_configuration_generation', () => [{ labels: {}, value: number }]);
  }
}

let own: Meter;
let metrics: FleetMetrics;
let workers: Counting[];

beforeEach(() => {
  own = meterOf();
  own.source('sallyport_configuration_generation', () => [{ labels: {}, value: 9 }]);
  metrics = new FleetMetrics(() => own.series());
  workers = [new Counting(1), new Counting(2)];
});

async function read(who = workers) {
  const { text } = await metrics.exposition(who.map(({ worker }) => worker));
  return (name: string) => total(text, name);
}

it('counters and histograms are added up, a gauge is what its row says', async () => {
  workers[0]!.meter.adder('sallyport_sessions_opened_total')({ route: 'chat' }, 3);
  workers[1]!.meter.adder('sallyport_sessions_opened_total')({ route: 'chat' }, 4);
  for (const { meter } of workers) meter.adder('sallyport_session_seconds')({ route: 'chat' }, 5);
  own.adder('sallyport_faults_total')({}, 2);
  const sum = await read();
  expect(sum('sallyport_sessions_opened_total')).toBe(7);
  expect(sum('sallyport_session_seconds_count')).toBe(2);
  expect(sum('sallyport_session_seconds_sum')).toBe(10);
  expect(sum('sallyport_faults_total')).toBe(2);
  expect(sum('sallyport_workers')).toBe(2);
  expect(sum('sallyport_configuration_generation')).toBe(1);
});

it('no counter becomes smaller when a worker ends, or does not answer', async () => {
  const [first, second] = workers as [Counting, Counting];
  first.meter.adder('sallyport_sessions_opened_total')({ route: 'chat' }, 3);
  second.meter.adder('sallyport_sessions_opened_total')({ route: 'chat' }, 4);
  await read();

  second.answer = () => new Promise(() => second.fake.end(1));
  expect((await read())('sallyport_sessions_opened_total')).toBe(7);
  const folded = metrics.ended(second.worker);
  expect((await read([first]))('sallyport_sessions_opened_total')).toBe(7);
  await folded;

  const third = new Counting(2);
  third.meter.adder('sallyport_sessions_opened_total')({ route: 'chat' }, 1);
  await read([first, third]);
  await metrics.ended(third.worker);
  const sum = await read([first]);
  expect(sum('sallyport_sessions_opened_total')).toBe(8);
  expect(sum('sallyport_workers')).toBe(1); // of who is gone there is nothing now
});
