// RL-03
import { expect, it } from 'vitest';
import { Guarded, HARMLESS } from '../support/guarded.ts';

it.each([
  ['perSubject', {}],
  ['perTenant', { subject: 'bob' }],
  ['perAddress', { subject: 'bob', tenant: 'other' }],
])('counts %s over all sockets, so that more of them are not faster', async (scope, second) => {
  const gate = new Guarded({ limits: { [scope]: { messages: '6/s' } } });
  const pairs = [gate.connect(), gate.connect(second)];
  let passed = 0;
  for (let i = 0; i < 10; i++) if ((await pairs[i % 2]!.send(HARMLESS)) === 'pass') passed++;
  expect(passed).toBe(6);
  // Nor is a new one.
  const third = gate.connect();
  expect(await third.send(HARMLESS)).toBe('rate_exceeded');
  for (const pair of [...pairs, third]) pair.end();
});

it('does not take a second address of one /64 for another holder', async () => {
  const gate = new Guarded({ limits: { perAddress: { messages: '1/s' } } });
  const one = gate.connect({}, { address: '2001:db8::1' });
  const two = gate.connect({}, { address: '2001:db8::ffff:2' });
  expect([await one.send(HARMLESS), await two.send(HARMLESS)]).toEqual(['pass', 'rate_exceeded']);
  one.end();
  two.end();
});
