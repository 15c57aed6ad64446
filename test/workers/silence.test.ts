// OP-07: one worker stands still (SIGSTOP) while the others do not.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { closeCode, echo, ServedFleet } from '../support/served-fleet.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let fleet: ServedFleet;

beforeAll(async () => {
  // Deadlines that half a minute of standing still would pass, shortened.
  const lifetime = 'heartbeat: 1s, slowConsumer: 1s, closeTimeout: 1s';
  fleet = await ServedFleet.start({ workers: 2, more: `    lifetime: { ${lifetime} }\n` });
});

afterAll(() => fleet.end());

/** The sessions of this worker, as it said when it let them in; clients in the order in which they came. */
async function clientsOf(worker: number, count: number): Promise<{ of: WebSocket[]; others: WebSocket[] }> {
  const clients: WebSocket[] = [];
  const from = fleet.lines.length;
  for (let i = 0; i < count; i++) {
    clients.push(await fleet.connect());
    await vi.waitFor(() => expect(accepted(from)).toHaveLength(i + 1));
  }
  const workers = accepted(from);
  return {
    of: clients.filter((_, i) => workers[i] === worker),
    others: clients.filter((_, i) => workers[i] !== worker),
  };
}

const accepted = (from: number): unknown[] =>
  fleet.lines
    .slice(from)
    .filter(({ event }) => event === 'upgrade.accepted')
    .map(({ worker }) => worker);

const named = (event: string) => fleet.lines.filter((line) => line.event === event);

it('keeps its sessions, and the others serve meanwhile: one connection waits, nothing is lost', async () => {
  const { of: stopped, others } = await clientsOf(1, 6);
  expect([stopped.length, others.length]).toEqual([3, 3]);
  const pid = fleet.pids().get(1)!;
  const begun = performance.now();
  process.kill(pid, 'SIGSTOP');
  const waiting = stopped.map((client, i) => echo(client, `said into the silence ${i}`));

  // Who comes now is served by the other one, but for the one who was on the way to the one that stands still.
  const newcomers = Array.from({ length: 4 }, () => fleet.connect());
  let served = 0;
  for (const each of newcomers) void each.then(() => served++);
  await vi.waitFor(() => expect(served).toBeGreaterThanOrEqual(3), { timeout: 10_000 });
  expect(await Promise.all(others.map((client) => echo(client)))).toEqual(Array(3).fill('still here'));

  await fleet.line('worker.silent', { number: 1 });
  expect(served).toBe(3);
  // Operators are not kept waiting by it, and are told.
  const asked = performance.now();
  const ready = await fleet.admin('GET /health/ready');
  expect(ready.status).toBe(200);
  expect(ready.text).toMatch(/worker 1 has not answered for \d+ s/);
  expect((await fleet.admin('GET /sessions')).json).toMatchObject({
    missing: [expect.stringMatching(/^worker 1 has not answered/)],
  });
  expect((await fleet.admin('GET /metrics')).text).toContain('sallyport_health{check="workers"} 0');
  expect((await fleet.admin('POST /reload')).json).toMatchObject({
    errors: [{ message: expect.stringMatching(/^worker 1 has not answered/) }],
  });
  expect(performance.now() - asked).toBeLessThan(2_500);

  process.kill(pid, 'SIGCONT');
  const { seconds } = await fleet.line('worker.heard', { number: 1 });
  expect(seconds).toBeLessThanOrEqual((performance.now() - begun) / 1_000);
  expect(await Promise.all(waiting)).toEqual(stopped.map((_, i) => `said into the silence ${i}`));
  for (const client of await Promise.all(newcomers)) expect(await echo(client)).toBe('still here');
  expect(named('session.closed')).toEqual([]);
  expect(named('worker.lost')).toEqual([]);
  expect((await fleet.admin('GET /health/ready')).json.status).toBe('ok');
  expect((await fleet.admin('GET /sessions')).json.total).toBe(10);
});

it('does what it was told as soon as it hears: who was revoked hears nothing more', async () => {
  const { of: stopped, others } = await clientsOf(1, 4);
  const from = fleet.lines.length;
  process.kill(fleet.pids().get(1)!, 'SIGSTOP');
  await fleet.line('worker.silent', { number: 1 }, from);
  const answers = vi.fn();
  for (const client of stopped) client.on('message', answers).send('after the order');
  const closed = Promise.all(stopped.map(closeCode));
  const { status, text } = await fleet.admin('POST /revocations', { by: 'subject', value: 'anonymous' });
  expect([status, text]).toEqual([
    500,
    expect.stringMatching(/in force here, but worker 1 has not answered/),
  ]);
  expect(await Promise.all(others.map(closeCode))).toEqual(others.map(() => 4500));
  process.kill(fleet.pids().get(1)!, 'SIGCONT');
  expect(await closed).toEqual(stopped.map(() => 4500));
  expect(answers).not.toHaveBeenCalled();
  await expect(fleet.connect()).rejects.toThrow('401');
});
