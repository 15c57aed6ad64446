// FR-20
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { ping, text } from '../support/raw-frames.ts';

const SHORT = { declares: 125n, lengthBits: 7 } as const;

it.each([
  ['text', text('ten bytes.', SHORT)],
  ['ping', ping('ten bytes.', SHORT)],
])('sends nothing back of a %s that is cut short by FIN', async (_, frame) => {
  const bench = await Bench.open({ upstream: { echo: true } });
  const { client, upstream } = await bench.pair();
  client.send(frame);
  client.halfClose();
  await client.closed();
  await upstream.closed();
  expect(client.frames.filter(({ opcode }) => opcode !== 8)).toEqual([]);
  expect(upstream.frames.filter(({ opcode }) => opcode !== 8)).toEqual([]);
  await bench.stillServes();
  await bench.close();
});
