// OP-01 AX-05
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { closeCode, echo, ServedFleet } from '../support/served-fleet.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let fleet: ServedFleet;

beforeEach(async () => {
  fleet = await ServedFleet.start({ workers: 2 });
});

afterEach(() => fleet.end());

/** Those whose connection ends without a Close, and those who are still there. */
async function cutAndLeft(clients: readonly WebSocket[]): Promise<{ cut: WebSocket[]; left: WebSocket[] }> {
  const codes = await Promise.all(clients.map((client) => Promise.race([closeCode(client), echo(client)])));
  return {
    cut: clients.filter((_, place) => codes[place] === 1006),
    left: clients.filter((_, place) => codes[place] === 'still here'),
  };
}

/** Kills this worker, and waits for the one that takes its place. */
async function kill(number: number): Promise<void> {
  const from = fleet.lines.length;
  process.kill(fleet.pids().get(number)!, 'SIGKILL');
  await fleet.line('worker.lost', { number }, from);
  await fleet.line('worker.started', { number }, from);
}

describe('a worker that is killed', () => {
  it('takes its own sockets with it and no others, and another takes its place', async () => {
    const clients = await fleet.connectAll(10);
    const before = await fleet.admin('GET /metrics');
    expect(before.text).toContain('sallyport_sessions_opened_total{route="chat"} 10');
    await kill(1);
    const { cut, left } = await cutAndLeft(clients);
    expect(cut.length).toBeGreaterThan(0);
    expect(left.length).toBeGreaterThan(0);
    expect(cut.length + left.length).toBe(10);
    expect(fleet.lines.find(({ event }) => event === 'worker.lost')).toMatchObject({
      number: 1,
      cause: 'signal',
      signal: 'SIGKILL',
    });

    // All who were cut find a place, and both workers let them in.
    const from = fleet.lines.length;
    await fleet.connectAll(cut.length + 4);
    await fleet.line('upgrade.accepted', { worker: 1 }, from);
    expect((await fleet.admin('GET /sessions')).json.total).toBe(10 + 4);

    // What it had counted is not forgotten: a rate over the sum must not leap.
    const { text } = await fleet.admin('GET /metrics');
    expect(text).toContain(`sallyport_sessions_opened_total{route="chat"} ${10 + cut.length + 4}`);
    expect(text).toContain(`sallyport_connections{route="chat"} 14`);
    expect(text).toContain('sallyport_workers_lost_total{cause="signal"} 1');
  });

  it('leaves nobody hanging who was on the way to it', async () => {
    const pid = fleet.pids().get(1)!;
    process.kill(pid, 'SIGSTOP');
    const coming = Array.from({ length: 4 }, () => fleet.connect().then(echo));
    const failed = Promise.any(
      coming.map((each) => each.then(() => Promise.reject(new Error('in')), String)),
    );
    expect(await Promise.any(coming)).toBe('still here'); // the other worker serves
    process.kill(pid, 'SIGKILL');
    expect(await failed).toMatch(/socket|ECONNRESET/); // and does not wait for ever
    const results = await Promise.allSettled(coming);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  });

  it('does not bring back who was revoked', async () => {
    const clients = await fleet.connectAll(6);
    const closed = Promise.all(clients.map(closeCode));
    const { json } = await fleet.admin('POST /revocations', { by: 'subject', value: 'anonymous' });
    expect(json).toMatchObject({ ended: 6 });
    expect(await closed).toEqual(Array(6).fill(4500));
    await kill(2);
    for (let round = 0; round < 6; round++)
      await expect(fleet.connect()).rejects.toThrow('Unexpected server response: 401');
  });

  it('is replaced as soon as it can be, and health says why not before', async () => {
    const file = path.join(fleet.folder, 'cert.pem');
    const good = readFileSync(file);
    const [client] = await fleet.connectAll(4);
    writeFileSync(file, 'no certificate');
    const from = fleet.lines.length;
    process.kill(fleet.pids().get(2)!, 'SIGKILL');
    expect(await fleet.line('worker.crash_loop', { number: 2 }, from)).toMatchObject({
      error: expect.stringContaining('cert.pem'),
    });
    const { status, json } = await fleet.admin('GET /health/ready');
    expect(status).toBe(200); // the other one serves
    const checks = json.checks as { name: string; reason?: string }[];
    expect(checks.find(({ name }) => name === 'workers')).toMatchObject({
      healthy: false,
      reason: expect.stringMatching(/^worker 2 .*cert\.pem/),
    });
    writeFileSync(file, good);
    await fleet.line('worker.started', { number: 2 }, from);
    expect((await fleet.admin('GET /health/ready')).json.status).toBe('ok');
    client!.terminate();
  });
});

describe('a reload', () => {
  it('reaches all workers, one that is started later as well, or none', async () => {
    fleet.configure({ workers: 2, path: '/talk' });
    expect((await fleet.admin('POST /reload')).json).toEqual({ generation: 2 });
    await kill(1);
    for (let round = 0; round < 6; round++) {
      await fleet.connect('/talk');
      await expect(fleet.connect('/chat')).rejects.toThrow('404');
    }

    fleet.configure({ workers: 2, path: '/never', more: '    limts: {}\n' });
    fleet.signal('SIGHUP');
    expect(await fleet.line('gateway.reload_failed')).toMatchObject({ generation: 2, problems: 1 });
    // A worker that starts now starts with what is in service, and not with what stands in the file.
    await kill(2);
    for (let round = 0; round < 4; round++) await fleet.connect('/talk');
    const { text } = await fleet.admin('GET /metrics');
    expect(text).toContain('sallyport_configuration_generation 2');
    expect(text).toContain('sallyport_reloads_total{outcome="done"} 1');

    fleet.configure({ workers: 3, path: '/talk' });
    expect((await fleet.admin('POST /reload')).json).toMatchObject({
      errors: [{ message: expect.stringContaining('the number of workers cannot change') }],
    });
  });
});
