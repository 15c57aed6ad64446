// RL-01, RL-03
import { expect, it } from 'vitest';
import { REFUSALS } from '../../src/errors.ts';
import { Guarded, HARMLESS } from '../support/guarded.ts';

it('lets a burst through to the last message, and refuses one more, which the upstream never sees', async () => {
  const gate = new Guarded({ limits: { perConnection: { messages: '10/s', burst: 25 } } });
  const pair = gate.connect();
  for (let i = 0; i < 25; i++) expect(await pair.send(HARMLESS)).toBe('pass');
  expect(await pair.send(HARMLESS)).toBe('rate_exceeded');
  expect(pair.upstream.received.length).toBe(25);
  expect(gate.journal.named('message.refused').map(({ code }) => code)).toEqual(['rate_exceeded']);
  pair.end();
});

it('says when to come back, and lets the client in then', async () => {
  const gate = new Guarded({ limits: { perConnection: { messages: '10/s' } } });
  const pair = gate.connect();
  for (let i = 0; i < 10; i++) await pair.send(HARMLESS);
  await pair.send(HARMLESS);
  const { retryAfter } = JSON.parse(pair.client.received.at(-1)!.payload.toString());
  expect(retryAfter).toBe(100);
  gate.clock.pass(retryAfter);
  expect(await pair.send(HARMLESS)).toBe('pass');
  pair.end();
});

it('closes who goes on after being told, with a code that says to come back slower', async () => {
  const gate = new Guarded({ limits: { perConnection: { messages: '1/s' }, refusals: '3/s' } });
  const pair = gate.connect();
  await pair.send(HARMLESS);
  const heard = [];
  for (let i = 0; i < 4; i++) heard.push(await pair.send(HARMLESS));
  expect(heard).toEqual(['rate_exceeded', 'rate_exceeded', 'rate_exceeded', '4029']);
  expect(REFUSALS.rate_exceeded.close).toBe(4029);
  expect(pair.upstream.received.filter(({ kind }) => kind === 'text')).toHaveLength(1);
  pair.end();
});
