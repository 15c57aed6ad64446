// AX-12: a ticket is good once, and a credential is renewed, whichever worker is asked.
import { afterEach, expect, it, vi } from 'vitest';
import { echo, ServedFleet } from '../support/served-fleet.ts';
import { askWellKnown } from '../support/well-known.ts';

vi.setConfig({ testTimeout: 90_000 });

let fleet: ServedFleet;

afterEach(() => fleet.end());

/** So many that no chance sends each of them to the worker that has what it is about. */
const COUNT = 6;

it('tickets open sessions, and requests renew them, across workers', async () => {
  fleet = await ServedFleet.start({ workers: 3, more: '    tickets: {}\n    refresh: {}' });
  const at = { gateway: { port: fleet.port }, ca: { cert: fleet.authority } };
  const about = { path: '/chat' };
  const given = Array.from({ length: COUNT }, () => askWellKnown(at, '/tickets', about));
  const tickets = (await Promise.all(given)).map(({ body }) => body as { ticket: string; session: string });

  const clients = await Promise.all(tickets.map(({ ticket }) => fleet.connect(`/chat?ticket=${ticket}`)));
  expect(await Promise.all(clients.map((client) => echo(client)))).toEqual(Array(COUNT).fill('still here'));
  for (const { session } of tickets) await fleet.line('upgrade.accepted', { session });

  const renewed = tickets.map(({ session }) => askWellKnown(at, `/sessions/${session}/refresh`, about));
  expect((await Promise.all(renewed)).map(({ status }) => status)).toEqual(Array(COUNT).fill(200));
  for (const { session } of tickets) await fleet.line('credential.renewed', { session, by: 'request' });
  await expect(fleet.connect(`/chat?ticket=${tickets[0]!.ticket}`)).rejects.toThrow('401');
});
