import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { codeOf, run } from '../../src/cli/run.ts';
import { type BadServer, startBadServer } from '../audit/gullible.ts';
import { Chat } from '../support/chat.ts';
import { testIo } from '../support/io.ts';

// `sallyport fuzz` as it is typed: what it says first, the files that replay, and how it ends.

let folder: string;
let bad: BadServer;
let chat: Chat;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-fuzz-cli-'));
  [bad, chat] = await Promise.all([startBadServer({}), Chat.open()]);
  writeFileSync(join(folder, 'bad.pem'), bad.ca);
  writeFileSync(join(folder, 'good.pem'), chat.ca.cert);
});

afterAll(async () => {
  bad.stop();
  await chat.close();
  rmSync(folder, { recursive: true });
});

const onBad = () => [`wss://localhost:${bad.port}/chat`, '--ca', join(folder, 'bad.pem'), '--rate', '1000'];
const onGood = () => [
  `wss://localhost:${chat.gateway.port}/chat`,
  ...['--ca', join(folder, 'good.pem'), '--token', chat.token(), '--rate', '1000'],
];

it('a finding is an exit code of its own, and a file that replays', async () => {
  const io = testIo();
  const findings = join(folder, 'findings');
  const given = ['--cases', '12', '--seed', '3', '--findings', findings, '--json', '-'];
  expect(codeOf(await run(['fuzz', ...onBad(), ...given], io))).toBe(9);
  expect(io.errors[0]).toMatch(
    /^wss:\/\/localhost:\d+\/chat: 12 cases from seed 3, 1000 connections a second$/,
  );
  const report = JSON.parse(io.output.join('\n'));
  expect(report).toMatchObject({ version: 1, seed: 3, tried: 12 });
  const files = readdirSync(findings);
  expect(files.sort()).toEqual(
    report.findings
      .map((each: { oracle: string; index: number }) => `${each.oracle}-${each.index}.json`)
      .sort(),
  );
  const replay = ['--replay', join(findings, files[0]!)];
  const again = testIo();
  expect(codeOf(await run(['fuzz', ...onBad(), ...replay], again))).toBe(9);
  expect(again.output[0]).toContain(`${files[0]}: ${files[0]!.replace(/-\d+\.json$/, '')}: `);
  const mended = testIo();
  expect(codeOf(await run(['fuzz', ...onGood(), ...replay], mended))).toBe(0);
  expect(mended.output[0]).toContain('not seen any more');
}, 60_000);

it('an endpoint that does what it should is exit code 0, and its memory is asked for', async () => {
  let asked = 0;
  const metrics = createServer((_, response) => {
    asked++;
    response.end('# HELP\nprocess_resident_memory_bytes 50000000\n');
  });
  await once(metrics.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(metrics.address() as AddressInfo).port}/metrics`;
  const io = testIo();
  const exit = await run(['fuzz', ...onGood(), '--cases', '11', '--seed', '5', '--metrics', url], io);
  metrics.close();
  expect(io.output.join('\n')).toMatch(/^11 cases from seed 5.*: 0 findings$/m);
  expect(codeOf(exit)).toBe(0);
  expect(asked).toBe(2); // after the first case, and after every tenth
}, 60_000);

it('an endpoint that never was there has not crashed', async () => {
  const io = testIo();
  expect(codeOf(await run(['fuzz', 'wss://127.0.0.1:1/', '--cases', '5'], io))).toBe(3);
  expect(io.errors.at(-1)).toBe('sallyport: no TCP connection: ECONNREFUSED');
  expect(io.output).toEqual([]);
});
