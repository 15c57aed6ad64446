import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Log } from './log.ts';

const now = (): number => Date.UTC(2026, 0, 1);

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-log-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('the log', () => {
  it('says in each line which worker it is, where there are several', () => {
    const written: string[] = [];
    const destination = { write: (line: string) => void written.push(line) };
    new Log({ level: 'info', destination, now }).write('info', { event: 'a' });
    new Log({ level: 'info', destination, now, worker: 2 }).write('info', { event: 'b' });
    expect(written.map((line) => JSON.parse(line).worker)).toEqual([undefined, 2]);
  });

  it('passes on the lines of others among its own', async () => {
    const file = join(folder, 'log');
    const log = new Log({ level: 'info', destination: file, now });
    const next = vi.fn();
    log.pass('{"event":"theirs"}\n', next);
    log.write('info', { event: 'ours' });
    expect(next).toHaveBeenCalledTimes(1);
    await log.close();
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(['theirs', 'ours']);
  });

  it('asks for more when there is room for it', async () => {
    const log = new Log({ level: 'info', destination: join(folder, 'log'), now });
    const room = new Promise<void>((resolve) => {
      let passed = false;
      log.pass(`${'x'.repeat(100_000)}\n`, () => {
        expect(passed).toBe(true);
        resolve();
      });
      passed = true;
    });
    await room;
    await log.close();
  });
});
