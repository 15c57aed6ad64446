// AU-13: 100,000 denials in one second fill neither the disk nor the memory, hide nothing else, and none goes uncounted.
import { describe, expect, it } from 'vitest';
import { total } from '../support/exposition.ts';
import { Journal } from '../support/journal.ts';

describe('a log flood', () => {
  it('is thinned out, and summed up exactly', async () => {
    const journal = new Journal({ perSecond: 50 });
    const { record } = journal;
    record.meter.know('listener', ['public']);
    for (let i = 0; i < 100_000; i++) {
      if (i % 10_000 === 0) journal.advance(100);
      record.event('upgrade.refused', {
        listener: 'public',
        code: 'origin_denied',
        origin: `https://evil${i}.example`,
      });
    }
    record.event('upgrade.refused', { listener: 'public', code: 'credential_revoked', subject: 'mallory' });
    await record.close();

    const logged = journal.named('upgrade.refused').filter(({ code }) => code === 'origin_denied').length;
    const suppressed = journal.named('log.suppressed').reduce((sum, { count }) => sum + Number(count), 0);
    expect(logged).toBeLessThanOrEqual(100);
    expect(logged + suppressed).toBe(100_000);
    expect(journal.named('log.suppressed')[0]).toMatchObject({
      of: 'upgrade.refused',
      code: 'origin_denied',
    });
    expect(journal.raw.join('').length).toBeLessThan(65_536);
    expect(journal.named('upgrade.refused').at(-1)).toMatchObject({ subject: 'mallory' });

    const text = await record.meter.exposition();
    expect(total(text, 'sallyport_handshakes_total', { outcome: 'origin_denied' })).toBe(100_000);
    expect(total(text, 'sallyport_log_lines_suppressed_total')).toBe(suppressed);
  });

  it('never swallows what an operator did', () => {
    const journal = new Journal({ perSecond: 5 });
    for (let i = 0; i < 500; i++)
      journal.record.event('admin.action', { who: 'admin', operation: 'kickSession' });
    expect(journal.named('admin.action')).toHaveLength(500);
  });
});
