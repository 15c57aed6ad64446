// RL-09
import { expect, it } from 'vitest';
import { Guarded, HARMLESS } from '../support/guarded.ts';

const DAY = 86_400_000;

it.each([
  ['forward', DAY],
  ['back', -DAY],
])('gives nothing away when the wall clock steps %s', async (_, step) => {
  const gate = new Guarded({
    limits: { perConnection: { messages: '5/s' }, perSubject: { messages: '5/s' } },
  });
  const pair = gate.connect();
  for (let i = 0; i < 5; i++) await pair.send(HARMLESS);
  gate.clock.wall += step;
  expect(await pair.send(HARMLESS)).toBe('rate_exceeded');
  gate.clock.ticks += 1_000;
  for (let i = 0; i < 5; i++) expect(await pair.send(HARMLESS)).toBe('pass');
  expect(await pair.send(HARMLESS)).toBe('rate_exceeded');
  pair.end();
});
