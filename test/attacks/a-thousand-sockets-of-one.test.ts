// FL-20
import { expect, it } from 'vitest';
import { REFUSALS } from '../../src/errors.ts';
import { Guarded } from '../support/guarded.ts';

const SCOPES = ['perRoute', 'perSubject', 'perTenant', 'perAddress'];

it.each(SCOPES)('holds one client that opens a thousand sockets to %s', async (scope) => {
  const gate = new Guarded({ limits: { [scope]: { connections: 5 } } });
  const { presence } = gate.services;
  let open = 0;
  for (let i = 0; i < 1_000; i++) {
    const seat = { id: `${i}`, route: 'chat', address: '192.0.2.1', subject: 'ada', tenant: 'acme' };
    presence.enter(seat);
    const code = await gate.knock();
    if (code === 'pass') open++;
    else {
      expect(code).toBe('connections_exceeded');
      presence.leave(seat);
    }
  }
  expect(open).toBe(5);
  expect(REFUSALS.connections_exceeded).toMatchObject({ status: 429, retryable: true });
});
