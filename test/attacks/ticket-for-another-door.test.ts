// AX-13: a ticket is good where it was given: at that route, path and origin, with that client certificate.
import { afterEach, expect, it } from 'vitest';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { Chat } from '../support/chat.ts';
import { askWellKnown, showing, ticketFor } from '../support/well-known.ts';

let chat: Chat;

afterEach(() => chat.close());

const APP = 'https://app.example.com';
const OTHER = 'https://other.example.com';

it.each([
  ['route', { path: '/other' }],
  ['path', { path: '/rooms/2' }],
])('not at another %s', async (part, { path }) => {
  const more = [
    { name: 'other', match: { path: '/other' }, tickets: {} },
    { name: 'rooms', match: { path: '/rooms/*' }, tickets: {} },
  ];
  chat = await Chat.open({ route: { tickets: {} }, routes: more });
  const { ticket } = await ticketFor(chat, {}, { path: part === 'path' ? '/rooms/1' : '/chat' });
  expect(await chat.knock({}, { path, ...showing(ticket) })).toMatchObject({ status: 401 });
  expect(chat.named('upgrade.refused')).toMatchObject([
    { code: 'ticket_invalid', reason: `it was given for another ${part}` },
  ]);
});

it('not where the route gives none, and then it is not even looked at', async () => {
  const plain = { name: 'plain', match: { path: '/plain' } };
  chat = await Chat.open({ route: { tickets: {} }, routes: [plain] });
  const { ticket } = await ticketFor(chat);
  expect(await chat.knock({}, { path: '/plain', ...showing(ticket) })).toMatchObject({ status: 401 });
  expect(chat.named('upgrade.refused')).toMatchObject([{ code: 'credential_missing' }]);
  expect(await chat.knock({}, showing(ticket))).toBe('in');
});

it.each([[OTHER], [undefined]])('not from another page: %s', async (origin) => {
  chat = await Chat.open({ route: { tickets: {}, origins: [APP, OTHER, 'absent'] } });
  const { ticket } = await ticketFor(chat, {}, { headers: { Origin: APP } });
  const headers = origin === undefined ? {} : { Origin: origin };
  expect(await chat.knock({}, showing(ticket, headers))).toMatchObject({ status: 401 });
});

it('is not given to a page that the route does not let in', async () => {
  chat = await Chat.open({ route: { tickets: {}, origins: [APP] } });
  const fields = { Authorization: `Bearer ${chat.token()}`, Origin: OTHER };
  const { status, headers, body } = await askWellKnown(chat, '/tickets', { path: '/chat' }, fields);
  expect([status, body.code]).toEqual([403, 'origin_denied']);
  expect(headers).not.toHaveProperty('access-control-allow-origin');
});

it('not without the client certificate that asked for it, nor with another', async () => {
  const clients = await createDevelopmentCa();
  const [first, second] = await Promise.all(
    ['1', '2'].map((one) => clients.issue({ uri: [`urn:dev:CP_${one}`], usage: ['client'] })),
  );
  const tls = { clientCertificates: { ca: 'clients.pem' } };
  chat = await Chat.open({
    route: { tickets: {} },
    listener: { tls },
    files: { 'clients.pem': clients.cert },
  });
  const fields = { Authorization: `Bearer ${chat.token()}` };
  const ask = async () =>
    (await askWellKnown(chat, '/tickets', { path: '/chat' }, fields, first!)).body.ticket as string;
  expect(await chat.knock({}, showing(await ask()))).toMatchObject({ status: 401 });
  expect(await chat.knock({}, { ...showing(await ask()), tls: second! })).toMatchObject({
    status: 401,
  });
  expect(await chat.knock({}, { ...showing(await ask()), tls: first! })).toBe('in');
});
