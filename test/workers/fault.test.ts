// OP-05
import { afterEach, expect, it, vi } from 'vitest';
import { closeCode, echo, ServedFleet } from '../support/served-fleet.ts';

vi.setConfig({ testTimeout: 120_000 });

// What a worker does at a signal that nobody else uses.
const BREAKS = {
  'throws where nobody catches it': 'throw new TypeError("on purpose")',
  'rejects where nobody looks': 'Promise.reject(new Error("on purpose"))',
  'calls itself for ever': '(function again() { again(); })()',
};

let fleet: ServedFleet;

afterEach(() => fleet.end());

it.each(Object.entries(BREAKS))(
  'a worker that %s lets its clients go, and another takes its place',
  async (_, code) => {
    const hook = `data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2', () => { ${code} });`)}`;
    fleet = await ServedFleet.start({ workers: 2, hook });
    const clients = await fleet.connectAll(6);
    const codes = Promise.all(clients.map((client) => Promise.race([closeCode(client), staysOpen(client)])));
    process.kill(fleet.pids().get(1)!, 'SIGUSR2');
    expect(await fleet.line('worker.lost')).toMatchObject({ number: 1, cause: 'fault' });
    expect([...new Set(await codes)].sort()).toEqual([1012, 'open']);
    expect(fleet.errors).toEqual([expect.stringContaining('a fault that nothing caught')]);
    expect(fleet.errors[0]).not.toContain('on purpose'); // it may quote what a client sent
    await fleet.line(
      'worker.started',
      { number: 1 },
      fleet.lines.findIndex(({ event }) => event === 'worker.lost'),
    );
    for (const client of await fleet.connectAll(4)) expect(await echo(client)).toBe('still here');
  },
);

it('a worker that runs out of memory is replaced', async () => {
  // V8 aborts, and that is the signal of it.
  fleet = await ServedFleet.start({ workers: 2 });
  process.kill(fleet.pids().get(2)!, 'SIGABRT');
  expect(await fleet.line('worker.lost')).toMatchObject({ number: 2, cause: 'signal', signal: 'SIGABRT' });
  await fleet.line(
    'worker.started',
    { number: 2 },
    fleet.lines.findIndex(({ event }) => event === 'worker.lost'),
  );
});

/** When all that the broken worker had are closed, those of the other one are still there. */
async function staysOpen(client: Parameters<typeof echo>[0]): Promise<string> {
  await fleet.line('gateway.stopped', { worker: 1 });
  await echo(client);
  return 'open';
}
