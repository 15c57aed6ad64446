// RL-06
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

it('counts the bytes of messages that are few enough', async () => {
  const gate = new Guarded({ limits: { perConnection: { messages: '1000/s', bytes: '256KiB/s' } } });
  const pair = gate.connect();
  const fat = `{"type":"chat.ping","text":"${'x'.repeat(65_000)}"}`;
  const heard = [];
  for (let i = 0; i < 8; i++) heard.push(await pair.send(fat));
  // Four fit; the fifth takes what is left.
  expect(heard.slice(0, 5)).toEqual(new Array(5).fill('pass'));
  expect(heard.slice(5)).toEqual(new Array(3).fill('rate_exceeded'));
  gate.clock.pass(1_000);
  expect(await pair.send(fat)).toBe('pass');
  pair.end();
});
