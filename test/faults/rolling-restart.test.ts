// OP-03
import { expect, it } from 'vitest';
import { Nodes } from '../support/node-process.ts';
import { Ledger } from '../support/numbered.ts';
import { describeWith } from '../support/programs.ts';
import { startRedis } from '../support/redis.ts';
import { rollingRestart } from '../support/rolling.ts';

describeWith('redis-server', 'three nodes', () => {
  it('are restarted one after the other, and no message that was acknowledged is lost', async () => {
    const [redis, ledger] = await Promise.all([startRedis(), Ledger.listen()]);
    const nodes = await Nodes.start({
      count: 3,
      redis: `${redis.url}?timeout=5000`,
      upstream: ledger.url,
      route: { resume: { window: '20s' } },
      config: { drain: { window: '500ms', grace: '200ms', returnAfter: '50ms' } },
    });
    try {
      const figures = await rollingRestart(nodes, ledger, { clients: 12, every: 20, settle: 300 });
      expect(figures).toMatchObject({ lost: 0, acknowledged: figures.sent });
      expect(figures.sent).toBeGreaterThan(500);
      expect(figures.resumed + figures.anew).toBeGreaterThanOrEqual(12); // each met a drain, or more than one
    } finally {
      await nodes.end();
      ledger.close();
      await redis.stop();
    }
  }, 90_000);
});
