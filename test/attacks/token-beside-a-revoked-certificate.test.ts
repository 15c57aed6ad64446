// AX-05, AX-09: a token is good, and the certificate beside it is revoked by its serial number.
import { afterEach, expect, it } from 'vitest';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { Chat, echoes } from '../support/chat.ts';

let chat: Chat;

afterEach(() => chat.close());

it('ends the session, and opens no other with that certificate', async () => {
  const ca = await createDevelopmentCa('Devices');
  chat = await Chat.open({
    listener: { tls: { clientCertificates: { ca: 'ca.pem' } } },
    files: { 'ca.pem': ca.cert },
  });
  const { cert, key } = await ca.issue({ uri: ['urn:dev:CP_1'], usage: ['client'], serial: '1234abcd' });
  const peer = await chat.join({}, { tls: { cert, key } });
  const bare = await chat.join();
  const order = { by: 'certificateSerial', value: '12:34:AB:CD' };
  expect((await chat.ask('POST', '/revocations', order)).json()).toEqual({ ended: 1, kept: false });
  expect(await peer.closed()).toMatchObject({ code: 4500, reason: 'session_revoked' });
  await echoes(bare);
  expect(await chat.knock({}, { tls: { cert, key } })).toMatchObject({ status: 401 });
  expect(await chat.knock()).toBe('in');
});
