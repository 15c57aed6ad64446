import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit.ts';
import { codeOf, run } from '../../src/cli/run.ts';
import { Chat } from '../support/chat.ts';
import { testIo } from '../support/io.ts';

// `sallyport load` as it is typed: what it says first, its progress, its reports, and how it ends.

let chat: Chat;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-load-cli-'));
  chat = await Chat.open();
  writeFileSync(join(folder, 'ca.pem'), chat.ca.cert);
  writeFileSync(join(folder, 'tokens.txt'), `${chat.token({ sub: 'ada' })}\n${chat.token({ sub: 'bob' })}\n`);
});

afterAll(async () => {
  await chat.close();
  rmSync(folder, { recursive: true });
});

const common = (): string[] => [
  'wss://localhost/chat',
  ...[
    '--address',
    `127.0.0.1:${chat.gateway.port}`,
    '--ca',
    join(folder, 'ca.pem'),
    '--tokens',
    join(folder, 'tokens.txt'),
  ],
  ...['--connections', '4', '--ramp', '50ms', '--duration', '800ms'],
];

const ENDS = { held: EXIT.done, broken: EXIT.contractBroken, bound: EXIT.generatorBound } as const;

it.each([
  ['connections.success == 100%', 'held'],
  ['messages.rate > 100000/s', 'broken'],
] as const)(
  '%s: %s',
  async (line, verdict) => {
    const io = testIo();
    const [json, html] = [join(folder, 'load.json'), join(folder, 'load.html')];
    const message = ['--message', '{"type":"hello","id":"{id}"}', '--answer', '/id', '--rate', '50/s'];
    const reports = ['--json', json, '--html', html];
    const exit = await run(['load', ...common(), ...message, '--contract', line, ...reports], io);
    const report = JSON.parse(readFileSync(json, 'utf8'));
    // Where this machine is too busy just now for a generator, that is what is said.
    expect(report.verdict).toBe(report.bottleneck === undefined ? verdict : 'bound');
    expect(codeOf(exit)).toBe(ENDS[report.verdict as keyof typeof ENDS].code);
    expect(io.errors[0]).toMatch(
      /^wss:\/\/localhost\/chat: 4 connections over 0\.05 s, .* 50 messages every 1 s in all$/,
    );
    expect(io.errors.slice(1)).toContainEqual(expect.stringMatching(/^ +\d+\.\d s {2}4 open {2}\d+ sent/));
    expect(io.output.join('\n')).toContain('own cost');
    expect(readFileSync(html, 'utf8')).toContain('<h2>Summary</h2>');
    const subjects = new Set(chat.named('session.opened').map(({ subject }) => subject));
    expect(subjects).toEqual(new Set(['ada', 'bob'])); // each of the list in turn
  },
  30_000,
);

it('whose outcome does not come true is broken, whatever the contract says', async () => {
  const scenario = join(folder, 'scenario.yaml');
  writeFileSync(scenario, 'outcomes: [{ name: nobody, upgrade: { token: none, status: [418] } }]\n');
  const io = testIo();
  const exit = await run(['load', ...common(), '--scenario', scenario, '--quiet', '--json', '-'], io);
  const { verdict } = JSON.parse(io.output.join('\n'));
  expect(verdict).not.toBe('held');
  expect(codeOf(exit)).toBe(ENDS[verdict as keyof typeof ENDS].code);
  expect(io.errors).toHaveLength(1); // what it does, and no progress
  expect(io.errors[0]).toMatch(/idle, 1 outcomes tried on connections of their own$/);
}, 30_000);
