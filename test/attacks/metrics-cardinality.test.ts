// OP-11: a new path, host, subject or code with each request must not become a new series.
import { describe, expect, it } from 'vitest';
import { EVENTS, type EventName } from '../../src/record/events.ts';
import { parseExposition } from '../support/exposition.ts';
import { Journal } from '../support/journal.ts';

const seriesOf = (text: string) => [...parseExposition(text).values()].flatMap(({ series }) => series).length;

describe('metrics cardinality', () => {
  it('has a bound that no client moves', async () => {
    const { record } = new Journal({ level: 'silent' });
    record.counters('chat');
    record.meter.know('listener', ['public']);
    const attack = (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        for (const name of Object.keys(EVENTS) as EventName[]) {
          const fields = Object.fromEntries(EVENTS[name].fields.map((field) => [field, `${field}-${i}`]));
          record.event(name, { ...fields, seconds: i });
        }
      }
    };
    attack(0, 3);
    const few = await record.meter.exposition();
    attack(3, 1_000);
    const many = await record.meter.exposition();
    expect(seriesOf(many)).toBe(seriesOf(few));
    expect(many).not.toMatch(/"[a-z]+-\d+"/);
    expect(many).toContain('listener="other"');
  });

  it('is bounded even where the configuration gives the names', async () => {
    const { record } = new Journal({ level: 'silent' });
    for (let i = 0; i < 5_000; i++) {
      record.meter.know('identity', [`identity-${i}`]);
      record.event('keys.refreshed', { identity: `identity-${i}` });
    }
    const refreshes = parseExposition(await record.meter.exposition()).get('sallyport_key_refreshes_total');
    expect(refreshes?.series).toHaveLength(1_001);
    expect(refreshes?.series.find(({ labels }) => labels.identity === 'other')?.value).toBe(4_000);
  });
});
