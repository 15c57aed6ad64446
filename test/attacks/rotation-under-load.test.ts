// RO-11 RO-19
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ca, connectEdge, open, startEdge } from '../support/edge.ts';

it('rotates twenty times under handshakes: none fails, no socket falls', { timeout: 60_000 }, async () => {
  const limits = { perAddress: { handshakes: '100000/s', connections: 10_000 } };
  const edge = await startEdge({ listener: { limits } });
  const living = await Promise.all(Array.from({ length: 30 }, () => open(edge)));
  let closed = 0;
  for (const socket of living) socket.on('close', () => closed++);
  let rotating = true;
  const serials = new Set<string>();
  const knock = async () => {
    while (rotating) {
      const socket = await connectEdge(edge);
      serials.add(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    }
  };
  const knocking = Promise.all([knock(), knock(), knock()]);
  for (let i = 0; i < 20; i++) {
    const { cert, key } = await (await ca()).issue({ dns: ['localhost'], ip: ['127.0.0.1'] });
    await writeFile(join(edge.folder, 'n.pem'), cert);
    await writeFile(join(edge.folder, 'n.key'), key);
    await rename(join(edge.folder, 'n.pem'), join(edge.folder, '0.pem'));
    await rename(join(edge.folder, 'n.key'), join(edge.folder, '0.key'));
    expect(await edge.listener.rotate()).toMatchObject({ problems: [] });
    const socket = await connectEdge(edge);
    expect(socket.getPeerCertificate().serialNumber.toLowerCase()).toBe(
      edge.listener.certificates()[0]?.serial,
    );
    socket.destroy();
  }
  rotating = false;
  await knocking;
  expect(serials.size).toBeGreaterThan(1);
  expect(closed).toBe(0);
  for (const socket of living) socket.write('x');
  await Promise.all(living.map((socket) => once(socket, 'data')));
});

it('does a hundred rotations at once one after another, and touches nothing where nothing changed', async () => {
  const edge = await startEdge();
  const reports = await Promise.all(Array.from({ length: 100 }, () => edge.listener.rotate()));
  expect(reports.every(({ rotated, problems }) => !rotated && problems.length === 0)).toBe(true);
  expect(edge.events.filter(({ name }) => name === 'certificate.loaded')).toHaveLength(1);
});
