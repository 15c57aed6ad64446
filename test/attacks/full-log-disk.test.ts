// AU-11, OP-04: a log that cannot be written costs lines, which are counted and shown in health, and nothing else.
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GatewayRecord } from '../../src/record/record.ts';
import { total } from '../support/exposition.ts';

describe.runIf(existsSync('/dev/full'))('a full disk', () => {
  it('costs lines, counted, and nothing else', async () => {
    const record = new GatewayRecord({ destination: '/dev/full', bufferBytes: 4_096, perSecond: 10_000 });
    for (let i = 0; i < 1_000; i++)
      record.event('session.closed', { session: `s${i}`, reason: 'x'.repeat(100) });
    await expect.poll(() => record.trouble).toContain('ENOSPC');
    const text = await record.meter.exposition();
    expect(total(text, 'sallyport_log_lines_lost_total')).toBeGreaterThan(900);
    expect(total(text, 'sallyport_disconnects_total')).toBe(1_000);
    await record.close();
  });
});
