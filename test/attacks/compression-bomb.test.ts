// PD-01, PD-02, PD-03, PD-04
import { expect, it } from 'vitest';
import { fails } from '../conformance/case.ts';
import { Bench } from '../support/bench.ts';
import { deflated } from '../support/deflated.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { binary, more, RSV1 } from '../support/raw-frames.ts';

const bomb = deflated(Buffer.alloc(32 * 1_048_576)); // 32 MiB in 32 KiB
const offer = 'permessage-deflate';

frameAttack('a small message that inflates to 32 MiB', [
  fails('§10.4', 'whole', [binary(bomb, { rsv: RSV1 })], 1009, { offer }),
  fails(
    '§10.4',
    'in two fragments',
    [binary(bomb.subarray(0, 10_000), { rsv: RSV1, fin: false }), more(bomb.subarray(10_000))],
    1009,
    { offer },
  ),
]);

it('does not inflate it to the end', async () => {
  const bench = await Bench.open({ messages: { compression: 'inflate' } });
  const before = process.memoryUsage.rss();
  for (let i = 0; i < 20; i++) {
    const { client } = await bench.pair({ offer });
    client.send(binary(bomb, { rsv: RSV1 }));
    expect(await client.closed()).toMatchObject({ code: 1009 });
  }
  expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1_048_576); // one of them inflated is 32 MiB
  await bench.close();
});
