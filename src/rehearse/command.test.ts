import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chronicle } from './chronicle.ts';
import { type Commands, runCommand } from './command.ts';
import type { Ground } from './ground.ts';
import { inject } from './inject.ts';
import type { PlannedFault } from './rehearsal.ts';

let folder: string;
const ground = {} as Ground; // commands know nothing of it
const commands = (run: string, more: Partial<Commands> = {}): Commands => ({
  run,
  patience: 10_000,
  ...more,
});

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-command-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

it('breaks by one command and mends by another', async () => {
  const mark = join(folder, 'broken');
  const injection = await runCommand(ground, commands(`touch ${mark}`, { undo: `rm ${mark}` }));
  expect([injection.said, existsSync(mark)]).toEqual([`done: touch ${mark}`, true]);
  expect(await injection.end()).toBe(`done: rm ${mark}`);
  expect(existsSync(mark)).toBe(false);
});

it('that fails says so in one line, and what it broke by half is mended', async () => {
  const mark = join(folder, 'half');
  const half = commands(`touch ${mark}; echo not >&2; echo allowed >&2; exit 3`, { undo: `rm ${mark}` });
  await expect(runCommand(ground, half)).rejects.toThrow(/exit 3" ended with 3: allowed$/);
  expect(existsSync(mark)).toBe(false);
});

it('that takes too long is killed, with what it started', async () => {
  const begun = performance.now();
  const slow = runCommand(ground, commands('sleep 30; true', { patience: 100 }));
  await expect(slow).rejects.toThrow('"sleep 30; true" did not end in 0.1 s');
  expect(performance.now() - begun).toBeLessThan(10_000);
});

it('is mended also when the rehearsal is interrupted', async () => {
  const mark = join(folder, 'interrupted');
  const chronicle = new Chronicle();
  chronicle.begin();
  const stop = new AbortController();
  const planned = {
    ...{ fault: 'command', at: 0, for: 60_000 },
    ...commands(`touch ${mark}`, { undo: `rm ${mark}` }),
  } as PlannedFault;
  const said: string[] = [];
  const progress = (text: string): void => {
    said.push(text, String(existsSync(mark)));
    stop.abort();
  };
  await inject(planned, { ground, chronicle, progress }, stop.signal);
  expect(said).toEqual([`done: touch ${mark}`, 'true']);
  expect(existsSync(mark)).toBe(false);
});
