import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testIo } from '../../test/support/io.ts';
import { run } from './run.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-rehearse-cli-'));
  writeFileSync(join(folder, 'empty.yaml'), '{}\n');
  writeFileSync(join(folder, 'broken.yaml'), 'a: [\n');
  writeFileSync(
    join(folder, 'odd.yaml'),
    'groups: [{ name: g, rules: [{ alert: Odd, expr: absent(up) }] }]\n',
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('lists what there is, with a sentence each', async () => {
  const io = testIo();
  expect(await run(['rehearse', '--list'], io)).toBe('done');
  expect(io.output.find((line) => line.startsWith('zone-loss '))).toContain('Two of four gateways');
});

describe('a command line that is not understood gets one clear line', () => {
  it.each([
    [[], 'rehearse needs a name or a file; there are any-endpoint, backend-loss, '],
    [['zone-los'], 'there is no zone-los; did you mean zone-loss?'],
    [['FOLDER/empty.yaml'], 'FOLDER/empty.yaml: name: '],
    [['FOLDER/broken.yaml'], 'cannot read FOLDER/broken.yaml: '],
    [['zone-loss', '--alerts', 'FOLDER/none.yaml'], 'cannot read FOLDER/none.yaml: ENOENT'],
    [
      ['zone-loss', '--alerts', 'FOLDER/odd.yaml'],
      'cannot use FOLDER/odd.yaml: Odd: there is no absent() here',
    ],
  ])('%j', async (args, why) => {
    const io = testIo();
    const named = (text: string): string => text.replace('FOLDER', folder);
    expect(await run(['rehearse', ...args.map(named)], io)).toBe('usage');
    expect(io.errors).toEqual([expect.stringContaining(named(why))]);
  });
});
