// AX-09: the client certificate of an open session runs out, or is revoked.
import { afterEach, expect, it } from 'vitest';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { Chat, echoes } from '../support/chat.ts';

let chat: Chat;

afterEach(() => chat.close());

const device = { dns: [], uri: ['urn:dev:CP_1'], usage: ['client'] } as const;

async function openWithCertificates(more: Record<string, string> = {}): Promise<void> {
  chat = await Chat.open({
    config: {
      identities: {
        devices: { certificate: { subject: 'san.uri' } },
      },
    },
    route: { identify: ['devices'], lifetime: { refreshGrace: '0s' } },
    listener: { tls: { clientCertificates: { ca: 'ca.pem', crl: 'ca.crl' } } },
    files: more,
  });
}

it('ends the session when the certificate runs out', async () => {
  const ca = await createDevelopmentCa('Devices');
  await openWithCertificates({ 'ca.pem': ca.cert, 'ca.crl': await ca.revoke([]) });
  const notAfter = Math.ceil(Date.now() / 1_000) * 1_000 + 1_000;
  const { cert, key } = await ca.issue({ ...device, notAfter });
  const peer = await chat.join({}, { tls: { cert, key }, headers: { Authorization: null } });
  expect(await peer.closed()).toMatchObject({ code: 3000, reason: 'session_expired' });
  expect(Date.now()).toBeGreaterThanOrEqual(notAfter);
});

it('ends the session when the certificate is on a new list, and opens no other', async () => {
  const ca = await createDevelopmentCa('Devices');
  await openWithCertificates({ 'ca.pem': ca.cert, 'ca.crl': await ca.revoke([]) });
  const { cert, key } = await ca.issue({ ...device, serial: '1234abcd' });
  const other = await ca.issue({ uri: ['urn:dev:CP_2'], usage: ['client'] });
  const bare = { headers: { Authorization: null } };
  const peer = await chat.join({}, { tls: { cert, key }, ...bare });
  const stays = await chat.join({}, { tls: other, ...bare });
  chat.gateway.write('ca.crl', await ca.revoke(['1234abcd']));
  expect((await chat.ask('POST', '/certificates/rotate')).status).toBe(200);
  expect(await peer.closed()).toMatchObject({ code: 4500, reason: 'session_revoked' });
  await echoes(stays);
  await expect(chat.join({}, { tls: { cert, key }, ...bare })).rejects.toThrow();
});
