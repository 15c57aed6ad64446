import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testIo } from '../../test/support/io.ts';
import { run } from './run.ts';

let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sallyport-explain-'));
  file = path.join(folder, 'sallyport.yaml');
  writeFileSync(
    file,
    `listeners: { public: { address: 127.0.0.1:0, tls: { certificates: [{ cert: c.pem, key: k.pem }] } } }
identities:
  devices: { basic: { file: secrets } }
  visitors: { anonymous: {} }
routes:
  - name: chat
    match: { path: /chat/* }
    origins: [https://app.example.com]
    identify: [devices, visitors]
    protocols: [chat.v1]
    upstream: { url: ws://127.0.0.1:9000/socket, forward: { subject: X-Subject } }
    dialect: { json: { type: /type } }
    messages: { maxBytes: 64B, onInvalid: close }
    limits: { perSubject: { connections: 1 } }
    authorize: [{ allow: 'message.type == "hello"' }]
  - name: ticketed
    match: { path: /ticketed }
    origins: none-required
    identify: [devices]
    tickets: {}
    upstream: { url: ws://127.0.0.1:9000 }
  - name: watched
    match: { path: /watched }
    origins: [https://app.example.com]
    observe: [origin]
    identify: [visitors]
    upstream: { url: ws://127.0.0.1:9000 }
`,
  );
  writeFileSync(
    path.join(folder, 'secrets'),
    `CP1:$scrypt$ln=10,r=8,p=1$axiTBGw9OEpSyotPWuGTSQ$BcdozGYMMn6KBRaAaD/4n4WUXznaRGo8TeTrYHClmic\n`,
    { mode: 0o600 },
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

const ORIGIN = ['--origin', 'https://app.example.com'];

async function asked(...args: string[]) {
  const io = testIo();
  const exit = await run(['explain', '-c', file, '--json', ...args], io);
  expect(io.errors).toEqual([]);
  return { exit, ...JSON.parse(io.output.join('\n')) };
}

test('what would reach the upstream', async () => {
  const { exit, upgrade } = await asked(
    'wss://x.example/chat/room?a=1',
    ...ORIGIN,
    '--address',
    '203.0.113.7',
  );
  expect(exit).toBe('done');
  expect(upgrade).toMatchObject({
    route: 'chat',
    protocols: ['chat.v1'],
    identities: [
      { name: 'devices', answer: 'not mine' },
      { name: 'visitors', answer: 'yes' },
    ],
    upstream: { url: 'ws://127.0.0.1:9000/socket', target: '/socket/room?a=1' },
  });
  expect(upgrade.upstream.headers).toEqual(
    expect.arrayContaining([
      'X-Subject: anonymous',
      'X-Forwarded-For: 203.0.113.7',
      'Sec-WebSocket-Protocol: chat.v1',
    ]),
  );
});

test('a token is put where the configuration would name its place', async () => {
  // No identity here reads it, so the upstream would see it.
  const url = 'wss://x.example/chat/a?b=1';
  const { upgrade } = await asked(url, ...ORIGIN, '--token', 'x+y', '--token-in', 'dangerously-query:t');
  expect(upgrade.upstream.target).toBe('/socket/a?b=1&t=x%2By');
});

test('the identity that says no decides, and those after it are not asked', async () => {
  const { exit, upgrade } = await asked(
    'wss://x.example/chat/a',
    ...ORIGIN,
    '-H',
    'Authorization: Basic YTpi',
  );
  expect(exit).toBe('refused');
  expect(upgrade.identities).toMatchObject([
    { name: 'devices', answer: 'no', code: expect.any(String) },
    { name: 'visitors', answer: 'not asked' },
  ]);
  expect(upgrade.refusal).toMatchObject({ by: 'identity', status: 401 });
});

test('every guard is asked, and the first that refuses decides', async () => {
  const { exit, upgrade } = await asked('wss://x.example/chat/a', '--origin', 'https://evil.example');
  expect(exit).toBe('refused');
  expect(upgrade.guards).toContainEqual(
    expect.objectContaining({ guard: 'origin', verdict: 'refuse', code: 'origin_denied' }),
  );
  expect(upgrade.guards).toContainEqual({ guard: 'connections', verdict: 'pass' });
  expect(upgrade.refusal).toMatchObject({ by: 'origin', code: 'origin_denied', status: 403 });
  expect(upgrade.upstream).toBeUndefined();
});

test('a guard that observes refuses nobody', async () => {
  const { exit, upgrade } = await asked('wss://x.example/watched', '--origin', 'https://evil.example');
  expect(upgrade.guards).toContainEqual(expect.objectContaining({ guard: 'origin', verdict: 'observe' }));
  expect(exit).toBe('done');
});

test.each([
  [['wss://x.example/nowhere'], 'route', 'route_unknown'],
  [['wss://x.example/chat/../a'], 'handshake', 'target_invalid'],
  [['wss://x.example/chat/a', '-p', 'chat.v9'], 'protocol', 'protocol_unknown'],
  [
    ['wss://x.example/chat/a', '-H', 'Origin: https://a', '--origin', 'https://b'],
    'handshake',
    'request_malformed',
  ],
  [['wss://x..example/chat/a'], 'handshake', 'host_invalid'],
])('%j is refused by the %s', async (args, by, code) => {
  const { exit, upgrade } = await asked(...args);
  expect(upgrade.refusal).toMatchObject({ by, code });
  expect(exit).toBe('refused');
});

const WHO = ['--principal', '{"subject":"ana"}'];

test.each([
  ['{"type":"hello"}', undefined],
  ['{"type":"bye"}', { by: 'authorize', code: 'not_authorized', action: 'close', closeCode: 4503 }],
  ['{"type":', { by: 'json', code: 'message_malformed' }],
  [`{"type":"hello","x":"${'x'.repeat(64)}"}`, { by: 'frames', code: 'message_too_big', closeCode: 1009 }],
])('the message %s', async (text, refusal) => {
  const { exit, upgrade, message } = await asked('wss://x.example/chat/a', ...ORIGIN, ...WHO, '-m', text);
  expect(upgrade.principal).toEqual({ identity: 'devices', subject: 'ana' });
  if (refusal) expect(message.refusal).toMatchObject(refusal);
  else expect(message.refusal).toBeUndefined();
  expect(message.forwarded).toBe(refusal ? undefined : text);
  expect(exit).toBe(refusal ? 'refused' : 'done');
});

test.each([
  [['http://x.example/chat'], 'is not a URL like wss://host/path'],
  [['wss://x.example/chat/a', '--address', 'here'], 'is not an IP address'],
  [['wss://x.example/chat/a', '--principal', '{'], '--principal is not JSON'],
  [['wss://x.example/chat/a', '--principal', '{"subjct":"x"}'], '--principal: '],
  [['wss://x.example/chat/a', '--token', 'x', '--token-in', 'body'], '--token-in is header, subprotocol'],
  [['wss://x.example/chat/a', '--token', 'x', '--token-in', 'query:t'], 'or dangerously-query:NAME'],
  [['wss://x.example/chat/a', '-H', 'nothing'], 'is not "Name: value"'],
  [['wss://x.example/chat/a', '-m', 'x', '--message-file', 'y'], 'not both'],
])('%j is not understood', async (args, message) => {
  const io = testIo();
  expect(await run(['explain', '-c', file, ...ORIGIN, ...args], io)).toBe('usage');
  expect(io.errors.join()).toContain(message);
});

test('the text for people shows nothing that could move their cursor', async () => {
  const io = testIo();
  await run(
    [
      'explain',
      '-c',
      file,
      'wss://x.example/chat/a',
      ...ORIGIN,
      ...WHO,
      '-m',
      '{"type":"hello","x":"\u202e\u2066\u009b"}',
    ],
    io,
  );
  const text = io.output.join('\n');
  expect(text).toContain('authorize');
  expect([...text].every((character) => character === '\n' || /[ -~…’]/.test(character))).toBe(true);
});

const TICKET = 'A'.repeat(43);

test('a ticket comes before the identities, and does not reach the upstream', async () => {
  const { exit, upgrade } = await asked(
    `wss://x.example/ticketed?a=1&ticket=${TICKET}`,
    '--principal',
    '{"subject":"ada"}',
  );
  expect(exit).toBe('done');
  expect(upgrade).toMatchObject({
    identities: [{ name: 'ticket', answer: 'yes' }],
    principal: { identity: 'devices', subject: 'ada' },
    upstream: { target: '/ticketed?a=1' },
  });
});

test('a ticket that no gateway would look up, and one beside another credential', async () => {
  const malformed = await asked('wss://x.example/ticketed?ticket=short');
  expect([malformed.exit, malformed.upgrade.identities]).toEqual([
    'refused',
    [{ name: 'ticket', answer: 'no', code: 'ticket_invalid', reason: 'not of the shape that tickets have' }],
  ]);
  const both = await asked(`wss://x.example/ticketed?ticket=${TICKET}`, '--token', 'x');
  expect(both.upgrade.refusal).toMatchObject({ by: 'identity', code: 'credential_malformed' });
});

test('who shows no ticket is asked for as anywhere, and no ticket is spent', async () => {
  const { upgrade } = await asked('wss://x.example/ticketed');
  expect(upgrade.identities).toEqual([
    { name: 'ticket', answer: 'not mine' },
    { name: 'devices', answer: 'not mine' },
  ]);
  const io = testIo();
  expect(await run(['explain', '-c', file, `wss://x.example/ticketed?ticket=${TICKET}`], io)).toBe('usage');
  expect(io.errors).toEqual([
    'sallyport: a ticket is good once, and explain does not spend it: say with --principal whom it is for',
  ]);
});
