// RL-12
import { expect, it } from 'vitest';
import { Guarded, HARMLESS } from '../support/guarded.ts';

it('counts a dear type for what it costs, in every limit', async () => {
  const limits = {
    perConnection: { messages: '20/s' },
    perSubject: { messages: '25/s' },
    cost: { 'chat.history': 10 },
  };
  const gate = new Guarded({ limits });
  const [one, two] = [gate.connect(), gate.connect()];
  const dear = '{"type":"chat.history"}';
  expect([await one.send(dear), await one.send(dear), await one.send(dear)]).toEqual([
    'pass',
    'pass',
    'rate_exceeded',
  ]);
  expect([await two.send(dear), await two.send(HARMLESS)]).toEqual(['rate_exceeded', 'pass']);
  one.end();
  two.end();
});

it('does not load a cost that no burst can pay', () => {
  const limits = { perConnection: { messages: '5/s' }, cost: { 'chat.history': 10 } };
  expect(() => new Guarded({ limits })).toThrow(/could never pass/);
});
