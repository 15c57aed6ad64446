// RO-13 MT-01 D1 D2 D5
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { TicketKeys } from '../../src/edge/ticket-keys.ts';
import { ca, connectEdge, type Edge, type EdgeOptions, open, startEdge } from '../support/edge.ts';

const pair = await (await ca()).issue({ dns: ['localhost'] });
const devices = await createDevelopmentCa('Devices');

/** Two workers: the same files, the same options, the same secret for their tickets. */
async function workers(options: EdgeOptions = {}): Promise<[Edge, Edge]> {
  const tickets = new TicketKeys();
  const one = () => startEdge({ pairs: [pair], ...options, tickets: new TicketKeys(tickets.secret) });
  return [await one(), await one()];
}

const versions = [['TLSv1.2'], ['TLSv1.3']] as const;

async function sessionOf(edge: Edge, maxVersion: 'TLSv1.2' | 'TLSv1.3', options = {}): Promise<Buffer> {
  const socket = await connectEdge(edge, { maxVersion, ...options });
  const session = maxVersion === 'TLSv1.3' ? (await once(socket, 'session'))[0] : socket.getSession();
  socket.destroy();
  return session;
}

it.each(versions)('one resumes what the other issued, in %s', async (maxVersion) => {
  const [first, second] = await workers();
  const session = await sessionOf(first, maxVersion);
  expect((await connectEdge(second, { maxVersion, session })).isSessionReused()).toBe(true);
});

it.each(versions)('not after it has another certificate, in %s', async (maxVersion) => {
  const [first, second] = await workers();
  const session = await sessionOf(first, maxVersion);
  const next = await (await ca()).issue({ dns: ['localhost'] });
  await writeFile(join(second.folder, '0.pem'), next.cert);
  await writeFile(join(second.folder, '0.key'), next.key);
  expect((await second.listener.rotate()).problems).toEqual([]);
  expect((await connectEdge(second, { maxVersion, session })).isSessionReused()).toBe(false);
});

it.each(versions)(
  'not after it reads client certificates, and never where it does, in %s',
  async (maxVersion) => {
    const mutual = { files: { 'ca.pem': devices.cert }, tls: { clientCertificates: { ca: 'ca.pem' } } };
    const [plain] = await workers({ files: mutual.files });
    const session = await sessionOf(plain, maxVersion);
    await plain.reconfigure({ tls: mutual.tls });
    const socket = await open(plain, undefined, { servername: 'localhost', maxVersion, session });
    expect(socket.isSessionReused()).toBe(false);
    expect(plain.accepted.at(-1)?.tls.certificate).toBeUndefined();
  },
);
