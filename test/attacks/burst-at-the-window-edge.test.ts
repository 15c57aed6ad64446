// RL-02
import { expect, it } from 'vitest';
import { Guarded, HARMLESS } from '../support/guarded.ts';

it('gives no second burst where a window might begin', async () => {
  const gate = new Guarded({ limits: { perConnection: { messages: '10/s' }, refusals: '1000/s' } });
  // A counter by the second would let twenty through within two milliseconds, at the right moment.
  for (const phase of [0, 250, 500, 998, 999, 1_000]) {
    gate.clock.pass(10_000 + phase);
    const pair = gate.connect();
    let passed = 0;
    for (let i = 0; i < 12; i++) if ((await pair.send(HARMLESS)) === 'pass') passed++;
    gate.clock.pass(2);
    for (let i = 0; i < 12; i++) if ((await pair.send(HARMLESS)) === 'pass') passed++;
    expect(passed).toBe(10);
    pair.end();
  }
});
