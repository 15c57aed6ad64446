// OP-11

import { once } from 'node:events';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { closeCode, echo, ServedFleet } from '../support/served-fleet.ts';

// Each test talks to processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let fleet: ServedFleet;

beforeAll(async () => {
  fleet = await ServedFleet.start({ workers: 3 });
});

afterAll(() => fleet.end());

/** How many upgrades each worker has accepted so far. */
function acceptedBy(): Map<unknown, number> {
  const counts = new Map<unknown, number>();
  for (const { event, worker } of fleet.lines)
    if (event === 'upgrade.accepted') counts.set(worker, (counts.get(worker) ?? 0) + 1);
  return counts;
}

/** The sum of all series of this name. */
function metric(text: string, name: string): number {
  const values = text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return values.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('several workers', () => {
  it('share the connections of one address, and are one to operators', async () => {
    const clients = await fleet.connectAll(12);
    expect(await Promise.all(clients.map((client) => echo(client)))).toEqual(Array(12).fill('still here'));
    expect([...acceptedBy().keys()].sort()).toEqual([1, 2, 3]);

    const ids: unknown[] = [];
    for (let after = ''; ; ) {
      const { json } = await fleet.admin(`GET /sessions?limit=5&after=${after}`);
      expect(json.total).toBe(12);
      ids.push(...(json.sessions as { id: string }[]).map(({ id }) => id));
      if (json.next === undefined) break;
      after = String(json.next);
    }
    expect(new Set(ids).size).toBe(12);
    expect(ids).toEqual([...ids].sort());

    const { text } = await fleet.admin('GET /metrics');
    expect(metric(text, 'sallyport_connections')).toBe(12);
    expect(metric(text, 'sallyport_sessions_opened_total')).toBe(12);
    expect(metric(text, 'sallyport_workers')).toBe(3);
    expect(metric(text, 'sallyport_configuration_generation')).toBe(1);
    expect(metric(text, 'sallyport_health{check="workers"}')).toBe(1);

    expect((await fleet.admin(`GET /sessions/${ids[7]}`)).json).toMatchObject({ id: ids[7] });
    expect((await fleet.admin(`DELETE /sessions/${ids[7]}`)).json).toEqual({ kicked: 1 });
    expect((await fleet.admin(`DELETE /sessions/${ids[7]}`)).status).toBe(404);
    const closed = Promise.all(clients.map(closeCode));
    expect((await fleet.admin('DELETE /sessions?route=chat')).json).toEqual({ kicked: 11 });
    expect(await closed).toEqual(Array(12).fill(4501));
  });

  it('resume each other’s TLS sessions', async () => {
    const first = await handshake();
    const session = await first.session;
    // The lines of workers come a moment after what they tell of.
    await vi.waitFor(() => expect([...acceptedBy().values()].reduce((sum, each) => sum + each, 0)).toBe(12));
    const seen = acceptedBy();
    for (let round = 0; round < 6; round++) {
      const { socket } = await handshake(session);
      expect(socket.isSessionReused()).toBe(true);
      socket.destroy();
    }
    first.socket.destroy();
    expect(acceptedBy()).toEqual(seen); // it was the TLS handshake alone
  });

  it('show their certificates once, and rotate them together', async () => {
    expect((await fleet.admin('GET /certificates')).json.certificates).toHaveLength(1);
    expect((await fleet.admin('POST /certificates/rotate')).json).toEqual({
      rotations: [{ listener: 'public', replaced: [], problems: [] }],
    });
  });

  it('write whole lines, each with the number of the worker', () => {
    const numbers = fleet.lines
      .filter(({ event }) => event === 'upgrade.accepted')
      .map(({ worker }) => worker);
    expect(numbers.every((number) => [1, 2, 3].includes(number as number))).toBe(true);
    expect(fleet.lines.find(({ event }) => event === 'admin.started')).not.toHaveProperty('worker');
    expect(fleet.errors).toEqual([]);
  });

  it('do not answer operators late because one of them stands still', async () => {
    const clients = await fleet.connectAll(6);
    const pid = fleet.pids().get(2)!;
    process.kill(pid, 'SIGSTOP');
    const { json } = await fleet.admin('GET /sessions');
    expect(json).toMatchObject({ missing: ['worker 2 has not answered within 5 s'] });
    expect(json.total).toBeLessThan(6);
    const { status, json: kicked } = await fleet.admin('DELETE /sessions?route=chat');
    expect([status, kicked.detail]).toEqual([
      504,
      expect.stringMatching(/^worker 2 has not answered for \d+ s$/),
    ]);
    const closed = Promise.all(clients.map(closeCode));
    process.kill(pid, 'SIGCONT');
    expect(await closed).toEqual(Array(6).fill(4501)); // it does it when it can
  });
});

/** A TLS connection, and the session that it was given. */
async function handshake(session?: Buffer): Promise<{ socket: TLSSocket; session: Promise<Buffer> }> {
  const socket = connectTls({
    port: fleet.port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: fleet.authority,
    ...(session && { session }),
  });
  const given = once(socket, 'session').then(([each]) => each as Buffer);
  await once(socket, 'secureConnect');
  return { socket, session: given };
}
