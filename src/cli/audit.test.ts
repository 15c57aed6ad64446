import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { type BadServer, startBadServer } from '../../test/audit/gullible.ts';
import { testIo } from '../../test/support/io.ts';
import { codeOf, run } from './run.ts';

let folder: string;
let server: BadServer;
let url: string;
let ca: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sallyport-audit-'));
  server = await startBadServer();
  url = `wss://127.0.0.1:${server.port}/?ticket=hunter2`;
  ca = path.join(folder, 'ca.pem');
  writeFileSync(ca, server.ca);
});

afterAll(() => {
  server.stop();
  rmSync(folder, { recursive: true });
});

describe('a command line that is not understood', () => {
  it.each([
    [[], 'audit needs a URL like wss://host/path'],
    [['wss://h/', '--address', 'h'], '--address is an IP address, not "h"'],
    [['ws://h/'], '"ws://h/" is not a URL like wss://host/path'],
    [['wss://h/', '--only', 'tranport'], 'there is no check "tranport"; did you mean transport?'],
    [['wss://h/', '--only', 'metod'], 'there is no check "metod"; did you mean method?'],
    [
      ['wss://h/', '--budget', 'rate'],
      '--budget is NAME=NUMBER of connections, rate, messages, bytes, sockets, seconds; not "rate"',
    ],
    [
      ['wss://h/', '--budget', 'rate=0'],
      '--budget is NAME=NUMBER of connections, rate, messages, bytes, sockets, seconds; not "rate=0"',
    ],
    [['wss://h/', '--minimum-grade', 'Z'], '--minimum-grade is one of A+, A, B, C, D, E, F'],
    [['wss://h/', '--watch', 'soon'], '--watch is a duration like 10m'],
    [['wss://h/', '--header', 'no colon'], '--header is like "Name: value"'],
    [['wss://h/', '--origin', 'a\r\nb'], '--origin must be one line'],
    [['wss://h/', '--cert', 'c.pem'], '--cert and --key belong together'],
    [
      ['wss://127.0.0.1/', '--token', 'a', '--token-command', 'b'],
      '--token and --token-command are two ways to say the same',
    ],
    [
      ['wss://127.0.0.1/', '--token', 'a', '--token-in', 'body'],
      '--token-in is header, subprotocol, cookie:NAME or dangerously-query:NAME',
    ],
    [
      ['wss://127.0.0.1/', '--token-command', 'echo hunter2; exit 7'],
      'the command for a credential failed: 7',
    ],
  ])('%j', async (args, message) => {
    const io = testIo();
    expect(await run(['audit', ...args], io)).toBe('usage');
    expect(io.errors.at(-1)).toBe(`sallyport: ${message}`);
    expect(io.output).toEqual([]);
  });
});

test('it connects where it is told', async () => {
  const io = testIo();
  const named = `wss://localhost:${server.port}/`;
  const options = ['--address', '127.0.0.1', '--ca', ca, '--only', 'certificate-name', '--json', '-'];
  expect(await run(['audit', named, ...options], io)).toBe('done');
  expect(JSON.parse(io.output.join('\n'))).toMatchObject({ grade: 'A+', url: named, address: '127.0.0.1' });
});

test('an endpoint that is not there is no fault of the command line', async () => {
  const io = testIo();
  const closed = await startBadServer();
  closed.stop();
  expect(await run(['audit', `wss://127.0.0.1:${closed.port}/`], io)).toBe('failed');
  expect(io.errors.at(-1)).toBe('sallyport: no TCP connection: ECONNREFUSED');
});

test('it says first what it will do, then each check, then the grade', async () => {
  const io = testIo();
  expect(await run(['audit', url, '--ca', ca, '--only', 'method,certificate-name'], io)).toBe('done');
  expect(io.errors[0]).toContain(
    `Auditing wss://127.0.0.1:${server.port}/?… at 127.0.0.1 port ${server.port}, and nothing else.`,
  );
  expect(io.errors.slice(1)).toEqual([
    expect.stringMatching(/^ {4}\d\/2 {2}(FAIL {2}method|pass {2}certificate-name)/),
    expect.stringMatching(/^ {4}2\/2 /),
  ]);
  expect(io.output.join('\n')).toContain(
    `Grade B for wss://127.0.0.1:${server.port}/?… (method, certificate-name only)`,
  );
  expect([...io.errors, ...io.output].join()).not.toContain('hunter2');
});

describe('--ci', () => {
  it.each([
    [[], 'belowGrade', 6],
    [['--minimum-grade', 'b'], 'done', 0],
    [['--minimum-grade', 'A'], 'belowGrade', 6],
  ] as const)('%j', async (args, exit, code) => {
    const io = testIo();
    expect(await run(['audit', url, '--only', 'method', '--ci', ...args], io)).toBe(exit);
    expect(codeOf(exit)).toBe(code);
    expect(io.errors).toHaveLength(1); // the plan
  });
});

test('reports go to files, or one of them to standard output', async () => {
  const io = testIo({ input: 'hunter2\n' });
  const sarif = path.join(folder, 'a.sarif');
  const html = path.join(folder, 'a.html');
  const options = ['--only', 'method', '--token', '-', '--json', '-', '--sarif', sarif, '--html', html];
  expect(await run(['audit', url, ...options], io)).toBe('done');
  expect(JSON.parse(io.output.join('\n'))).toMatchObject({
    grade: 'B',
    results: [{ id: 'method', verdict: 'fail' }],
  });
  expect(JSON.parse(readFileSync(sarif, 'utf8'))).toMatchObject({ version: '2.1.0' });
  expect(readFileSync(html, 'utf8')).toContain('<!doctype html>');
});

test('a token comes from a command, and goes where it is told', async () => {
  const io = testIo();
  const options = [
    '--only',
    'token-required',
    '--token-command',
    'printf "t-1\\nmore"',
    '--token-in',
    'cookie:session',
  ];
  expect(await run(['audit', url, ...options], io)).toBe('done');
  expect(io.output.join()).toContain('FAIL  token-required');
});
