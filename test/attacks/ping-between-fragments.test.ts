// FR-17
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { more, OPEN, ping, text } from '../support/raw-frames.ts';

it('answers a ping before the message around it is whole', async () => {
  const bench = await Bench.open({ upstream: { echo: true } });
  const { client } = await bench.pair();
  client.send(text('he', OPEN), ping('now'));
  expect(await client.next()).toMatchObject({ kind: 'pong', payload: Buffer.from('now') });
  client.send(more('llo'));
  expect(await client.next()).toMatchObject({ kind: 'text', payload: Buffer.from('hello') });
  await bench.close();
});
