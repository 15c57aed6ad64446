import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseExposition, total } from '../../test/support/exposition.ts';
import { Journal } from '../../test/support/journal.ts';
import { GatewayRecord } from './record.ts';
import type { Fields } from './recorder.ts';

describe('an event', () => {
  it('is one line: level, UTC time, number, name, and its fields in the order of its row', () => {
    const journal = new Journal();
    journal.record.event('drain.finished', { seconds: 1.5, closed: 3, left: 0 });
    expect(journal.raw).toEqual([
      '{"level":"info","time":"2026-01-02T03:04:05.000Z","seq":1,"event":"drain.finished","closed":3,"left":0,"seconds":1.5}\n',
    ]);
  });

  it('says no more digits than a clock has', () => {
    const journal = new Journal();
    journal.record.event('drain.finished', { seconds: 2.00045678901234, closed: 1_234_567_890_123 });
    expect(journal.lines[0]).toMatchObject({ seconds: 2.000457, closed: 1_234_567_890_123 });
  });

  it('drops fields that are not in its row, and values that are not plain', () => {
    const journal = new Journal();
    const fields = { listener: 'public', payload: 'secret', address: { deep: 1 }, generation: Number.NaN };
    journal.record.event('gateway.started', fields as unknown as Fields);
    expect(journal.lines[0]).toEqual({
      level: 'info',
      time: expect.any(String),
      seq: 1,
      event: 'gateway.started',
      listener: 'public',
      generation: 'NaN',
    });
  });

  it('is counted below the level of the log, and not logged', async () => {
    const journal = new Journal({ level: 'warn' });
    journal.record.event('session.opened', { route: 'chat' });
    expect(journal.raw).toEqual([]);
    expect(total(await journal.record.meter.exposition(), 'sallyport_sessions_opened_total')).toBe(1);
  });

  it('moves the counters and histograms of its row', async () => {
    const { record } = new Journal();
    record.counters('chat');
    record.meter.know('listener', ['public']);
    record.event('upgrade.refused', {
      listener: 'public',
      route: 'chat',
      code: 'origin_denied',
      seconds: 0.03,
    });
    record.event('upgrade.accepted', { listener: 'public', route: 'chat', seconds: 0.002 });
    const text = await record.meter.exposition();
    const labels = { listener: 'public', route: 'chat' };
    expect(total(text, 'sallyport_handshakes_total', { ...labels, outcome: 'origin_denied' })).toBe(1);
    expect(total(text, 'sallyport_handshakes_total', { ...labels, outcome: 'accepted' })).toBe(1);
    expect(total(text, 'sallyport_handshake_seconds_count', { listener: 'public' })).toBe(2);
    expect(total(text, 'sallyport_handshake_seconds_bucket', { listener: 'public', le: '0.005' })).toBe(1);
  });

  it('never throws, and counts what failed as a fault of ours', async () => {
    const { record } = new Journal();
    const trap = {
      get reason(): string {
        throw new Error('trap');
      },
    };
    record.event('upgrade.refused', trap);
    expect(total(await record.meter.exposition(), 'sallyport_faults_total')).toBe(1);
  });
});

describe('a destination that throws', () => {
  it('costs the line, counted, and nothing else', async () => {
    const destination = {
      write() {
        throw new Error('the pipe is gone');
      },
    };
    const { record } = new Journal({ destination });
    record.event('session.opened', { route: 'chat' });
    const text = await record.meter.exposition();
    expect(total(text, 'sallyport_sessions_opened_total')).toBe(1);
    expect(total(text, 'sallyport_log_lines_lost_total')).toBe(1);
    expect(record.trouble).toContain('the pipe is gone');
  });
});

describe('the hot path', () => {
  it('is read at each scrape', async () => {
    const { record } = new Journal();
    const { client, server } = record.counters('chat');
    client.forwarded = 7;
    client.bytes = 490;
    server.refused = 2;
    server.refusal('schema', 'schema_invalid', true);
    client.time.add(0.000_03);
    for (const factor of [1, 2]) {
      client.forwarded = 7 * factor;
      const text = await record.meter.exposition();
      const from = (direction: string) => ({ route: 'chat', direction });
      expect(total(text, 'sallyport_messages_total', { ...from('client'), outcome: 'forwarded' })).toBe(
        7 * factor,
      );
      expect(total(text, 'sallyport_messages_total', { ...from('server'), outcome: 'refused' })).toBe(2);
      expect(total(text, 'sallyport_message_bytes_total', from('client'))).toBe(490);
      expect(total(text, 'sallyport_message_seconds_bucket', { ...from('client'), le: '0.00005' })).toBe(1);
      expect(total(text, 'sallyport_message_seconds_bucket', { ...from('client'), le: '0.000025' })).toBe(0);
      expect(total(text, 'sallyport_refusals_total', { guard: 'schema', mode: 'observed' })).toBe(1);
      expect(total(text, 'sallyport_refusals_total', { guard: 'schema', mode: 'enforced' })).toBe(0);
    }
  });

  it('has the same counters for the same route, across reloads', () => {
    const { record } = new Journal();
    expect(record.counters('chat')).toBe(record.counters('chat'));
  });

  it('times one message in 64', () => {
    const { time } = new Journal().record.counters('chat').client;
    const begun = Array.from({ length: 640 }, () => time.begin());
    for (const start of begun) time.end(start);
    expect(begun.filter((start) => start > 0)).toHaveLength(10);
    expect(time.count).toBe(10);
  });
});

describe('the exposition', () => {
  it('keeps going when a source throws', async () => {
    const { record } = new Journal();
    record.meter.source('sallyport_connections', () => {
      throw new Error('a source that fails');
    });
    const text = await record.meter.exposition();
    expect(parseExposition(text).get('sallyport_connections')?.series).toEqual([]);
    expect(total(await record.meter.exposition(), 'sallyport_faults_total')).toBeGreaterThan(0);
  });

  it('adds up several sources of a gauge', async () => {
    const { record } = new Journal();
    record.meter.source('sallyport_connections', () => [{ labels: { route: 'a' }, value: 2 }]);
    record.meter.source('sallyport_connections', () => [{ labels: { route: 'b' }, value: 3 }]);
    for (let i = 0; i < 2; i++) {
      expect(total(await record.meter.exposition(), 'sallyport_connections')).toBe(5);
    }
  });

  it('shows the heap', async () => {
    const text = await new Journal().record.meter.exposition();
    expect(total(text, 'sallyport_heap_used_bytes')).toBeGreaterThan(1_000_000);
    expect(total(text, 'sallyport_heap_limit_bytes')).toBeGreaterThan(
      total(text, 'sallyport_heap_used_bytes'),
    );
  });
});

describe('a log file', () => {
  it('has every line once the record is closed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-log-'));
    try {
      const file = join(folder, 'logs', 'gateway.log');
      const record = new GatewayRecord({ destination: file });
      for (let generation = 1; generation <= 500; generation++)
        record.event('gateway.reloaded', { generation });
      await record.close();
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line).generation)).toEqual(
        Array.from({ length: 500 }, (_, i) => i + 1),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
