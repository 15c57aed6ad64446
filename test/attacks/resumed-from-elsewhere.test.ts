// RS-06: a client comes back from another address, which may be; or with another certificate, or none, which may not.
import { afterEach, expect, it } from 'vitest';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { Chat } from '../support/chat.ts';
import { claiming, keeping, lose, resumingAs, upstreamSays } from '../support/resuming.ts';

let chat: Chat;

afterEach(() => chat.close());

it('another address', async () => {
  const listener = { trustedProxies: ['127.0.0.1'] };
  chat = await Chat.open(keeping({}, { listener }));
  const headers = { 'X-Forwarded-For': '192.0.2.1' };
  const client = await resumingAs(chat, { sub: 'ada' }, { headers });
  await lose(chat, client);
  await upstreamSays(chat, 'missed');
  client.moveTo({ 'X-Forwarded-For': '192.0.2.2' });
  client.comeBack();
  await client.until(({ received }) => received.length === 1);
  expect(chat.named('session.resumed')).toMatchObject([{ address: '192.0.2.2', messages: 1 }]);
  const { sessions } = (await chat.ask('GET', '/sessions?address=192.0.2.2')).json();
  expect(sessions).toMatchObject([{ id: client.welcomes[0]!.session, address: '192.0.2.2' }]);
  expect((await chat.ask('GET', '/sessions?address=192.0.2.1')).json().sessions).toEqual([]);
});

it('another certificate, or none', async () => {
  const ca = await createDevelopmentCa('Devices');
  chat = await Chat.open(
    keeping(
      {},
      {
        config: {
          identities: { devices: { certificate: { subject: 'san.uri' } }, visitors: { anonymous: {} } },
        },
        route: { identify: ['devices', 'visitors'] },
        listener: { tls: { clientCertificates: { ca: 'ca.pem' } } },
        files: { 'ca.pem': ca.cert },
      },
    ),
  );
  const device = { uri: ['urn:dev:CP_1'], usage: ['client'] } as const;
  const tls = await ca.issue(device);
  const headers = { Authorization: '' };
  const client = await resumingAs(chat, {}, { tls, headers });
  await lose(chat, client);
  const claim = { token: client.token!, seen: client.seen };
  for (const other of [await ca.issue(device), {}])
    expect(await claiming(chat, {}, claim, headers, other)).toMatchObject({ status: 403 });
  expect(chat.named('upgrade.refused').map(({ reason }) => reason)).toEqual([
    'of another certificate',
    'of another identity',
  ]);
  client.comeBack();
  await client.until(({ welcomes }) => welcomes.length === 2);
  expect(client.welcomes[1]).toMatchObject({ resumed: true });
});
