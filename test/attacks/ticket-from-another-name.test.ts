// MT-01 MT-02 MT-13 D1 D2
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { ca, connectEdge, type Edge, open, startEdge, upgradeText } from '../support/edge.ts';

const devices = await createDevelopmentCa('Devices');
const client = await devices.issue({ uri: ['urn:dev:1'], usage: ['client'] });

async function mutual(): Promise<Edge> {
  const pairs = [
    await (await ca()).issue({ dns: ['a.test'] }),
    await (await ca()).issue({ dns: ['b.test'] }),
  ];
  return startEdge({
    pairs,
    files: { 'ca.pem': devices.cert },
    tls: { clientCertificates: { ca: 'ca.pem' } },
  });
}

/** The last session a connection was given, if it was given one. */
async function lastSession(edge: Edge, options: object): Promise<Buffer | undefined> {
  const socket = await open(edge, upgradeText({ Host: 'a.test' }), { servername: 'a.test', ...options });
  let session: Buffer | undefined;
  socket.on('session', (each) => {
    session = each;
  });
  socket.write('x');
  await once(socket, 'data'); // whatever tickets there are came before this
  session ??= socket.getSession();
  socket.destroy();
  return session;
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('in %s, with client certificates', (maxVersion) => {
  it('resumes nothing, not even under the same name', async () => {
    const edge = await mutual();
    const session = await lastSession(edge, { ...client, maxVersion });
    for (const servername of ['a.test', 'b.test']) {
      const socket = await connectEdge(edge, {
        servername,
        maxVersion,
        ...(session && { session }),
        ...client,
      });
      expect(socket.isSessionReused()).toBe(false);
    }
  });

  it('gives who resumes without a certificate no identity', async () => {
    const edge = await mutual();
    const session = await lastSession(edge, { ...client, maxVersion });
    const text = upgradeText({ Host: 'b.test' });
    await open(edge, text, { servername: 'b.test', maxVersion, ...(session && { session }) });
    expect(edge.accepted[0]?.tls.certificate?.san.uri).toEqual(['urn:dev:1']);
    expect(edge.accepted[1]?.tls.certificate).toBeUndefined();
  });

  it('gives an anonymous client no identity when it comes back', async () => {
    const edge = await mutual();
    const session = await lastSession(edge, { maxVersion });
    const text = upgradeText({ Host: 'a.test' });
    await open(edge, text, { servername: 'a.test', maxVersion, ...(session && { session }) });
    expect(edge.accepted.map(({ tls }) => tls.certificate)).toEqual([undefined, undefined]);
  });
});
