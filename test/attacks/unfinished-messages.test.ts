// FL-02, FL-18
import { expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';
import { encode, more, OPEN, text } from '../support/raw-frames.ts';

it('closes every client that begins a message and never ends it', async () => {
  const bench = await Bench.open({ messages: { maxFragments: 128, incompleteTimeout: '500ms' } });
  const pairs = await Promise.all(Array.from({ length: 50 }, () => bench.pair()));
  for (const { client } of pairs) {
    client.write(
      Buffer.concat([
        encode(text('x', OPEN), true),
        ...Array.from({ length: 126 }, () => encode(more('x', OPEN), true)),
      ]),
    );
  }
  for (const { client } of pairs) expect(await client.closed()).toMatchObject({ code: 1008 });
  await bench.allClosed();
  await bench.close();
});

it('does not take control frames for progress', async () => {
  const bench = await Bench.open({ messages: { incompleteTimeout: '300ms' } });
  const { client } = await bench.pair();
  client.send(text('x', OPEN));
  const timer = setInterval(() => client.send({ opcode: 9 }), 50);
  expect(await client.closed()).toMatchObject({ code: 1008 });
  clearInterval(timer);
  expect(await bench.closedBy()).toMatchObject({ code: 'message_incomplete' });
  await bench.close();
});
