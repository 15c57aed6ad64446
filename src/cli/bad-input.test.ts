import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testIo } from '../../test/support/io.ts';
import { run } from './run.ts';
import { VERBS } from './verbs.ts';

// Bad input gets one clear line, whatever it is given for.

const CONFIG = `
listeners: { public: { address: "127.0.0.1:0", tls: { certificates: [{ cert: c.pem, key: k.pem }] } } }
identities: { visitors: { anonymous: {} } }
routes:
  - { name: chat, match: { path: /chat }, origins: none-required, identify: [visitors], upstream: { url: "ws://127.0.0.1:9" } }
`;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sallyport-bad-input-'));
  writeFileSync(path.join(folder, 'sallyport.yaml'), CONFIG);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What must stand there for the option to be looked at. */
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  explain: ['wss://localhost/chat', '--config', 'FOLDER/sallyport.yaml'],
  audit: ['wss://127.0.0.1:9/'],
  load: ['wss://127.0.0.1:9/', '--duration', '10ms', '--ramp', '10ms', '--quiet'],
  fuzz: ['wss://127.0.0.1:9/', '--cases', '1', '--seconds', '1'],
  rehearse: ['identity-provider-outage'],
  'rehearse --address': ['any-endpoint', '--target', 'wss://127.0.0.1:9/'],
  revoke: ['subject', 'ada'],
  emergency: ['on', '--minutes', '5'],
  hash: ['ada'],
};

/** Any text will do. */
const FREE: Readonly<Record<string, readonly string[]>> = {
  explain: ['message', 'protocol', 'token', 'origin'],
  audit: ['expired-token', 'ticket-command', 'ticket-parameter'],
  load: ['message', 'origin', 'protocol'],
  fuzz: ['refusal'],
  revoke: ['lift'],
  emergency: ['reason'],
};

const NO_FILES: readonly (readonly [string, string])[] = [
  ['', 'cannot read "": ENOENT'],
  ['/none/x', 'cannot read /none/x: ENOENT'],
  ['/', 'cannot read /: EISDIR'],
  ['a\nb', 'cannot read a\\u{a}b: ENOENT'],
  ['\0', 'cannot read \\u{0}: no file can have this name'],
];
const NO_REPORTS: readonly (readonly [string, string])[] = [
  ['', 'cannot write "": ENOENT'],
  ['/none/x', 'cannot write /none/x: ENOENT'],
  ['/', 'cannot write /: EISDIR'],
];
const values = (message: string, ...bad: string[]) => bad.map((each) => [each, message] as const);
const numbers = (option: string, least: number) => [
  ...values(
    `--${option} is a whole number from ${least} on; not`,
    '',
    'x',
    '-1',
    '1e9',
    '1.5',
    '9'.repeat(22),
  ),
];
const times = (option: string) =>
  values(`--${option} is a time like`, '', 'x', '2026', '2026-02-30T00:00:00Z');

const ADDRESS = values('--address is an IP address', '', 'x', 'localhost', '1.2.3', '127.0.0.1:80');
const ADMIN = [
  ...values(
    '--admin is https://…',
    '',
    'x',
    'ws://localhost',
    'http://',
    '://',
    'http://[::1',
    'localhost',
    'a:b:c',
  ),
  ...values(
    '--admin is https://…',
    'http://admin.example.com:9900',
    'localhost:99999999',
    'a b:9900',
    'localhost:',
  ),
];
const ENDPOINT = {
  address: ADDRESS,
  ca: NO_FILES,
  cert: values('--cert and --key belong together', '', '/none/x'),
  key: values('--cert and --key belong together', '', '/none/x'),
  origin: values('--origin must be one line', 'a\nb', 'a\0b'),
  protocol: values('--protocol must be one line', 'a\nb'),
  header: values('--header is like "Name: value"', '', 'x', ': x', 'a b: c'),
  token: [...values('the token is empty', ''), ...values('--token must be one line', 'a\nb')],
  'token-command': [
    ...values('the command for a credential failed', 'false'),
    ...values('the token is empty', 'true'),
  ],
  'token-in': values('--token-in is header, subprotocol', '', 'x', 'cookie', 'cookie:'),
};

/** By command and option: what is wrong, and how the one line begins that says so. */
const ROWS: Readonly<Record<string, Readonly<Record<string, readonly (readonly [string, string])[]>>>> = {
  explain: {
    config: [['/none/x', '/none/x:1:1: there is no such file']],
    'token-in': values('--token-in', 'x', ''),
    principal: values('--principal', '', 'x', '[]', 'null', '{}', '{"subject":1}'),
    address: values('--address', '', 'x', '1.2.3'),
    header: values('--header', '', 'x'),
    'message-file': NO_FILES,
  },
  audit: {
    ...ENDPOINT,
    only: values('there is no check', '', 'x', 'transport,x'),
    budget: values('--budget is NAME=NUMBER', '', 'x', 'connections', 'connections=-1', 'x=1'),
    watch: values('--watch is a duration like 10m', '', 'x', '5', '10ms'),
    json: NO_REPORTS,
    sarif: NO_REPORTS,
    html: NO_REPORTS,
    'minimum-grade': values('--minimum-grade is one of', '', 'Z'),
  },
  load: {
    scenario: NO_FILES,
    connections: values('--connections is a whole number', '', 'x', '-1', '1.5'),
    duration: values('duration: a duration like', '', 'x', '5'),
    ramp: values('ramp: a duration like', '', 'x'),
    outstanding: values('--outstanding is a whole number', '', 'x', '-1'),
    rate: values('pace.rate: a rate like', '', 'x', '5'),
    answer: values('answer: a JSON pointer, or "order"', '', 'x'),
    processes: values('--processes is a whole number', '', 'x', '-1'),
    contract: values('contract.0: a line like', '', 'x', 'latency.p99'),
    address: values('address: an address like', '', 'x', '1.2.3'),
    ca: NO_FILES,
    tokens: NO_FILES,
    json: NO_REPORTS,
    html: NO_REPORTS,
  },
  fuzz: {
    ...ENDPOINT,
    cases: numbers('cases', 1),
    seed: numbers('seed', 0),
    seconds: numbers('seconds', 1),
    rate: numbers('rate', 1),
    schema: NO_FILES,
    metrics: values('--metrics is a URL like', '', 'x', 'localhost:9900', 'ftp://x/'),
    replay: NO_FILES,
    findings: values('cannot write to', '', '/dev/null', '/dev/null/x'),
    json: NO_REPORTS,
  },
  rehearse: {
    target: values('', '', 'x', 'ws://localhost/', 'localhost:8443'),
    address: values('', '', 'x', '1.2.3'),
    ca: NO_FILES,
    tokens: NO_FILES,
    alerts: NO_FILES,
    json: NO_REPORTS,
    html: NO_REPORTS,
  },
  revoke: { until: times('until'), 'issued-before': times('issued-before'), admin: ADMIN },
  emergency: {
    minutes: values('emergency on needs --minutes, a whole number', '', 'x', '0', '-1', '1.5', '99999'),
    admin: ADMIN,
  },
  hash: { cost: values('--cost is from 10 to 18', 'x', '9', '19', '12.5') },
};

describe.each(Object.keys(ROWS))('sallyport %s', (name) => {
  const cases = Object.entries(ROWS[name]!).flatMap(([option, bad]) =>
    bad.map(([value, message]) => ({ option, value, message })),
  );

  it.each(cases)('--$option=$value: $message', async ({ option, value, message }) => {
    const before = (BEFORE[`${name} --${option}`] ?? BEFORE[name] ?? []).map((each) =>
      each.replace('FOLDER', folder),
    );
    const io = testIo({ environment: { SALLYPORT_ADMIN_TOKEN: 'the-token-of-an-operator' } });
    const exit = await run([name, ...before, `--${option}=${value}`], io);
    expect(['usage', 'problems']).toContain(exit);
    const [line, ...more] = io.errors.filter((each) => !/^\d+ problem/.test(each));
    expect(line!.replace(/^sallyport: /, '')).toMatch(
      new RegExp(`^${message.replace(/[\\{}|[\]().+*?^$]/g, '\\$&')}`),
    );
    expect([line!.includes('\n'), more]).toEqual([false, []]);
    expect(io.output).toEqual([]);
  });
});

it.each(VERBS)('$name has a row here for every option that takes a value', async ({ name, load }) => {
  const { verb } = await load();
  const options = Object.entries(verb.options).filter(([, { type }]) => type === 'string');
  const known = [...Object.keys(ROWS[name] ?? {}), ...(FREE[name] ?? [])];
  expect(options.map(([option]) => option).filter((option) => !known.includes(option))).toEqual([]);
});

it.each(['serve', 'check', 'explain', 'rehearse'])(
  'sallyport %s says what is wrong with its file in one line',
  async (name) => {
    const io = testIo();
    const args = name === 'explain' ? ['wss://localhost/', '--config', '/none/x'] : ['/none/x'];
    expect(['usage', 'problems']).toContain(await run([name, ...args], io));
    expect(io.errors.filter((each) => !/^\d+ problem/.test(each))).toHaveLength(1);
    expect(io.errors[0]).toContain('/none/x');
  },
);

it.each(['explain', 'audit', 'load', 'fuzz'])(
  'sallyport %s says what is wrong with its URL in one line',
  async (name) => {
    const config = name === 'explain' ? ['--config', path.join(folder, 'sallyport.yaml')] : [];
    for (const url of ['', 'x', 'localhost:8443', 'http://localhost/', 'wss://', '://', 'a\nb', '\0']) {
      const io = testIo();
      expect([url, await run([name, url, ...config], io)]).toEqual([url, 'usage']);
      expect(io.errors).toHaveLength(1);
      expect(io.errors[0]).toMatch(/^sallyport: .*wss:\/\/[^\n]*$/);
    }
  },
);

it.each(['127.0.0.1:9', 'localhost:9', '[::1]:9'])(
  'takes %s for the admin API of this machine',
  async (admin) => {
    const io = testIo({ environment: { SALLYPORT_ADMIN_TOKEN: 'the-token-of-an-operator' } });
    expect(await run(['revoke', '--list', '--admin', admin], io)).toBe('failed');
    expect(io.errors[0]).toMatch(`${admin} does not answer`);
  },
);
