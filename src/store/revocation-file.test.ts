import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RevocationFile, readRevocations, StateError } from './revocation-file.ts';
import { type Revocation, Revocations } from './revocations.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-state-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const revocation = (value: string, until = 10_000): Revocation => ({
  by: 'subject',
  value,
  issuedBefore: 1_000,
  until,
});

const revocationsAt = (now: number) => new Revocations({ now: () => now, monotonic: () => now });

describe('revocations in a file', () => {
  it('are there for the next process, the ended ones left out', async () => {
    const before = revocationsAt(2_000);
    const file = await RevocationFile.open(join(folder, 'made', 'here'), before);
    before.add(revocation('alice'));
    before.add(revocation('bob', 2_500));
    await file.save();
    const after = revocationsAt(3_000);
    await RevocationFile.open(join(folder, 'made', 'here'), after);
    expect(after.find({ subject: 'alice', issuedAt: 999 })).toEqual(revocation('alice'));
    expect(after.size).toBe(1);
    expect(await readRevocations(join(folder, 'made', 'here'))).toEqual([revocation('alice')]);
  });

  it('are for their owner alone, and leave nothing beside the file', async () => {
    await RevocationFile.open(join(folder, 'state'), revocationsAt(0));
    expect(readdirSync(join(folder, 'state'))).toEqual(['revocations.json']);
    expect(statSync(join(folder, 'state')).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'state', 'revocations.json')).mode & 0o777).toBe(0o600);
  });

  it('are all written by the time that a save resolves, many at once too', async () => {
    const revocations = revocationsAt(0);
    const file = await RevocationFile.open(folder, revocations);
    await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        revocations.add(revocation(`s${i}`));
        await file.save();
        expect((await readRevocations(folder)).some(({ value }) => value === `s${i}`)).toBe(true);
      }),
    );
  });

  it('are as they were if a process was killed while it wrote', async () => {
    const revocations = revocationsAt(0);
    revocations.add(revocation('alice'));
    await RevocationFile.open(folder, revocations);
    writeFileSync(join(folder, 'revocations.json.new'), '{"version":1,"revoc');
    const after = revocationsAt(0);
    await RevocationFile.open(folder, after);
    expect(after.find({ subject: 'alice' })).toBeDefined();
    expect(readdirSync(folder)).toEqual(['revocations.json']);
  });

  it.each([
    ['nothing', ''],
    ['half of it', '{"version":1,"revocations":[{"by":"sub'],
    ['another version', '{"version":2,"revocations":[]}'],
    ['another kind', '{"version":1,"revocations":[{"by":"name","value":"a","issuedBefore":1,"until":2}]}'],
    ['no end', '{"version":1,"revocations":[{"by":"subject","value":"a","issuedBefore":1}]}'],
  ])('are not begun without: with %s in the file', async (_, text) => {
    writeFileSync(join(folder, 'revocations.json'), text);
    await expect(RevocationFile.open(folder, revocationsAt(0))).rejects.toThrow(/is damaged/);
    expect(statSync(join(folder, 'revocations.json')).size).toBe(text.length); // still there to be looked at
  });

  it('say why they cannot be read or written, and that they can again', async () => {
    mkdirSync(join(folder, 'a', 'revocations.json'), { recursive: true });
    await expect(readRevocations(join(folder, 'a'))).rejects.toThrow(StateError);
    writeFileSync(join(folder, 'file'), '');
    await expect(RevocationFile.open(join(folder, 'file'), revocationsAt(0))).rejects.toThrow(/ENOTDIR/);
    const file = await RevocationFile.open(join(folder, 'b'), revocationsAt(0));
    rmSync(join(folder, 'b'), { recursive: true });
    writeFileSync(join(folder, 'b'), '');
    await expect(file.save()).rejects.toThrow(/cannot write .*revocations\.json/);
    expect(file.trouble).toMatch(/cannot write/);
    rmSync(join(folder, 'b'));
    await file.save();
    expect(file.trouble).toBeUndefined();
  });
});

/** Revokes `s0`, `s1` and so on, and says each once it is kept. */
const WRITER = `
  import { RevocationFile } from ${JSON.stringify(join(import.meta.dirname, 'revocation-file.ts'))};
  import { Revocations } from ${JSON.stringify(join(import.meta.dirname, 'revocations.ts'))};
  const revocations = new Revocations({ now: () => 0, monotonic: () => 0 });
  const file = await RevocationFile.open(process.argv[1], revocations);
  for (let i = 0; ; i++) {
    revocations.add({ by: 'subject', value: 's' + i, issuedBefore: 1, until: 2 });
    await file.save();
    console.log(i);
  }
`;

it('keeps every revocation that was acknowledged by a process that is killed amid its writes', async () => {
  const args = ['--import', 'tsx', '--input-type=module', '-e', WRITER, folder];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let last = -1;
  for await (const line of createInterface(child.stdout)) {
    last = Number(line);
    if (last === 40) child.kill('SIGKILL');
  }
  expect(last).toBeGreaterThanOrEqual(40);
  const kept = new Set((await readRevocations(folder)).map(({ value }) => value));
  const lost = Array.from({ length: last + 1 }, (_, i) => `s${i}`).filter((value) => !kept.has(value));
  expect(lost).toEqual([]);
});
