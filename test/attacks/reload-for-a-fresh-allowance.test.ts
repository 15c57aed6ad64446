// RL-03, RO-16
import { expect, it } from 'vitest';
import { Guarded, HARMLESS } from '../support/guarded.ts';

it('hands nobody a fresh allowance at a reload', async () => {
  const limits = {
    perConnection: { messages: '3/s' },
    perSubject: { messages: '3/s' },
    perType: { 'chat.ping': '3/s' },
  };
  const gate = new Guarded({ limits });
  const pair = gate.connect();
  for (let i = 0; i < 3; i++) await pair.send(HARMLESS);
  gate.route = gate.compile({ limits: { ...limits, perTenant: { messages: '100/s' } } });
  pair.session.adopt(gate.route);
  expect(await pair.send(HARMLESS)).toBe('rate_exceeded');
  const other = gate.connect();
  expect(await other.send(HARMLESS)).toBe('rate_exceeded');
  pair.end();
  other.end();
});
