// AC-02: a second connection of the same device, its own after a lost line or that of a thief: where a route allows
// one, it waits until the first is gone, and takes no other device's place.
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const seat = (id: string, subject: string) => {
  return { id, subject, route: 'chat', address: '192.0.2.1', tenant: undefined };
};

it('is refused while the first is there', async () => {
  const gate = new Guarded({ limits: { perSubject: { connections: 1 } } });
  const { presence } = gate.services;
  presence.enter(seat('another', 'bob'));
  presence.enter(seat('first', 'ada'));
  expect(await gate.knock()).toBe('pass');
  presence.enter(seat('second', 'ada'));
  expect(await gate.knock()).toBe('connections_exceeded');
  presence.leave(seat('first', 'ada'));
  expect(await gate.knock()).toBe('pass');
});
