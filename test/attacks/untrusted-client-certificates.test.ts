// MT-08 MT-10 MT-11 MT-12 TL-05
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { expect, it } from 'vitest';
import { createDevelopmentCa, type DevelopmentCa, type Pair } from '../../src/edge/development-ca.ts';
import { ask, connectEdge, gone, open, startEdge, statusOf, upgradeText } from '../support/edge.ts';

const devices = await createDevelopmentCa('Devices');
const stranger = await createDevelopmentCa('Devices'); // the same name, another key
const DAY = 86_400_000;

const edgeWith = (clientCertificates: object = {}) =>
  startEdge({
    files: { 'ca.pem': devices.cert },
    tls: { clientCertificates: { ca: 'ca.pem', ...clientCertificates } },
  });

async function chainOf(length: number): Promise<DevelopmentCa> {
  let authority = devices;
  for (let i = 0; i < length; i++) authority = await authority.intermediate(`Level ${i}`);
  return authority;
}

async function underALeaf(): Promise<Pair> {
  const between = await devices.intermediate('Between', { pathLength: 0 });
  return (await between.intermediate('One too many')).issue({ usage: ['client'] });
}

const client = { usage: ['client' as const], uri: ['urn:dev:1'] };
const bad: [string, () => Promise<Pair>][] = [
  [
    'expired',
    () => devices.issue({ ...client, notBefore: Date.now() - 2 * DAY, notAfter: Date.now() - DAY }),
  ],
  ['not yet valid', () => devices.issue({ ...client, notBefore: Date.now() + DAY })],
  ['of an unknown authority', () => stranger.issue(client)],
  ['for servers', () => devices.issue({ ...client, usage: ['server'] })],
  ['without keyUsage', () => devices.issue({ ...client, withoutKeyUsage: true })],
  ['under an authority that may have none below', underALeaf],
  ['eleven authorities deep', async () => (await chainOf(11)).issue(client)],
];

it.each(bad)('refuses a certificate that is %s, where one is optional', async (_, make) => {
  const edge = await edgeWith();
  expect(statusOf(await ask(edge, upgradeText(), await make()))).toBe(401);
  expect((await edge.event('certificate.loaded')).fields).toBeDefined();
  expect(edge.accepted).toEqual([]);
});

it.each(bad.filter(([what]) => what !== 'without keyUsage'))(
  'ends the handshake of one that is %s, where one is required, or refuses it after',
  async (_, make) => {
    const edge = await edgeWith({ require: true });
    const answer = await ask(edge, upgradeText(), await make()).catch(() => '');
    expect([0, 401]).toContain(statusOf(answer));
    expect(edge.accepted).toEqual([]);
  },
);

it('ends the handshake of a client without a certificate where one is required', async () => {
  const edge = await edgeWith({ require: true });
  const socket = await connectEdge(edge, { maxVersion: 'TLSv1.2' }).catch((error) => error);
  expect(socket).toMatchObject({ code: expect.stringMatching(/^ERR_SSL|ECONNRESET/) });
  const late = await connectEdge(edge);
  await gone(late);
  expect(edge.accepted).toEqual([]);
});

const plant = await devices.intermediate('Plant 7');
const station = await plant.issue({ ...client, subject: 'CN=CP_1, O=Acme', serial: '00ab12' });

it('takes one through an intermediate that is listed, and knows it by issuer, serial and names', async () => {
  const edge = await startEdge({
    files: { 'ca.pem': devices.cert + plant.cert },
    tls: { clientCertificates: { ca: 'ca.pem' } },
  });
  await open(edge, upgradeText(), station);
  expect(edge.accepted[0]?.tls.certificate).toMatchObject({
    subject: { CN: ['CP_1'], O: ['Acme'] },
    issuer: { CN: ['Plant 7'] },
    san: { uri: ['urn:dev:1'] },
    serial: 'ab12',
  });
});

it('takes one through an intermediate that the client sends, where the runtime shows it to us', async () => {
  const edge = await edgeWith();
  if (await showsIntermediates()) await open(edge, upgradeText(), station);
  else expect(statusOf(await ask(edge, upgradeText(), station))).toBe(401);
});

it('lets a client without a certificate in as nobody, where one is optional', async () => {
  const edge = await edgeWith();
  await open(edge);
  expect(edge.accepted[0]?.tls.certificate).toBeUndefined();
});

it('tells two clients of one name and two authorities apart', async () => {
  const edge = await edgeWith();
  await open(edge, upgradeText(), await devices.issue({ ...client, subject: 'CN=CP_1' }));
  const impostor = await ask(edge, upgradeText(), await stranger.issue({ ...client, subject: 'CN=CP_1' }));
  expect(statusOf(impostor)).toBe(401);
});

/** Node 24 (24.21.0) keeps what a client sends beside its own certificate to itself: a path that ends there is refused. */
async function showsIntermediates(): Promise<boolean> {
  const { cert, key } = await devices.issue({ dns: ['localhost'] });
  const options = { cert, key, ca: devices.cert, requestCert: true, rejectUnauthorized: false };
  const server = createServer(options).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const visitor = connect({ port, servername: 'localhost', ca: devices.cert, ...station });
  visitor.on('error', () => {});
  const [socket] = (await once(server, 'secureConnection')) as [TLSSocket];
  const shown = socket.getPeerCertificate(true).issuerCertificate !== undefined;
  visitor.destroy();
  server.close();
  return shown;
}
