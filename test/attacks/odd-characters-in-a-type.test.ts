// UT-14
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { text } from '../support/raw-frames.ts';

const ODD = ['a\u0000', '\ufeffa', '\u202ea', 'a\u2028b', 'a\r\n{"level":"error"}', 'chat\u200b.send', '😀'];

it('does not take a type for another that looks the same, and writes none of it into the record', async () => {
  const bench = await Bench.open({
    dialect: { json: { type: '/type', refusal: '{"no":{code}}' } },
    authorize: [{ when: 'message.type == "a" || message.type == "chat.send"', allow: 'true' }],
  });
  const { client, upstream } = await bench.pair();
  for (const type of ODD) {
    client.send(text(JSON.stringify({ type })));
    expect((await client.next()).payload.toString(), type).toBe('{"no":"not_authorized"}');
  }
  client.send(text('{"type":"a"}'));
  expect((await upstream.next()).payload.toString()).toBe('{"type":"a"}');
  const refused = bench.log.filter((line) => line.event === 'message.refused');
  expect(refused).toHaveLength(ODD.length);
  expect(refused.map(({ type }) => String(type ?? '')).join('')).not.toMatch(/[^!-~]/);
  await bench.close();
});
