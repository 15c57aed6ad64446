import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { refuseUpgrade } from '../../src/edge/respond.ts';
import { REFUSALS, type RefusalCode } from '../../src/errors.ts';
import { CLOSE_CODES, isWireCode, mayReconnect } from '../../src/protocol/close-codes.ts';
import { negotiateDeflate } from '../../src/protocol/deflate.ts';
import { testIo } from '../support/io.ts';
import { fencesOf } from '../support/markdown.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';

// PROTOCOL.md, held against the tables and the code that it describes.

const text = readFileSync('PROTOCOL.md', 'utf8');
const fences = fencesOf('PROTOCOL.md');

describe('close codes', () => {
  const rows = [...text.matchAll(/^\| .* \| (\d{4}) \| `(\w+)` \|$/gm)];

  it.each(rows.map(([, close, code]) => [code as RefusalCode, Number(close)] as const))(
    '%s closes with %d',
    (code, close) => {
      expect(REFUSALS[code].close).toBe(close);
    },
  );

  it('are given for everything that ends a session by itself', () => {
    expect(rows.length).toBeGreaterThan(9);
  });

  it.each([
    ['come back, after', true],
    ['mend', false],
  ])('the row "%s" is right, and the tables agree', (verb, reconnect) => {
    const [, listed = ''] = new RegExp(`^\\| ([\\d, ]+) \\| ${verb}`, 'm').exec(text) ?? [];
    const codes = listed.split(', ').map(Number);
    expect(codes.length).toBeGreaterThan(4);
    for (const code of codes) expect([code, mayReconnect(code)]).toEqual([code, reconnect]);
  });

  it('beyond the listed ones follow the ranges', () => {
    for (const [code, { reconnect }] of Object.entries(CLOSE_CODES)) {
      if (Number(code) >= 3_000)
        expect([code, Number(code) % 1_000 < 500]).toEqual([code, reconnect !== 'never']);
    }
  });

  it('that are never sent are none', () => {
    for (const code of [1004, 1005, 1006, 1015]) expect(isWireCode(code)).toBe(false);
  });

  it('in prose stand beside the name that has them', () => {
    const named = [...text.matchAll(/\b(\d{3,4}) `(\w+)`/g)].filter(([, , name = '']) => name in REFUSALS);
    expect(named.length).toBeGreaterThan(2);
    for (const [, number, name] of named) {
      const { status, close } = REFUSALS[name as RefusalCode];
      expect([name, status, close]).toContain(Number(number));
    }
  });
});

it('shows a refusal as it is written', () => {
  const socket = new PassThrough();
  refuseUpgrade(socket, { code: 'credential_missing' });
  const written = String(socket.read()).replaceAll('\r\n', '\n');
  expect(written).toContain(STATUS_CODES[401]);
  const shown = fences.find((fence) => fence.text.startsWith('HTTP/1.1'));
  expect(written).toBe(shown?.text);
});

it('shows the answer to an offer of compression', () => {
  const { response } = negotiateDeflate('permessage-deflate; client_max_window_bits');
  expect(fences.map((fence) => fence.text)).toContain(`Sec-WebSocket-Extensions: ${response}\n`);
});

describe('the answer to a message that no rule allows, in', () => {
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await createSandbox();
  });

  afterAll(() => sandbox.remove());

  it.each([
    [
      'json',
      `{ type: /type, id: /id, refusal: '{"type":"error","re":{id},"code":{code},"reason":{reason}}' }`,
      '',
      '{"type":"chat.send","id":"m1"}',
    ],
    ['json-rpc', '{}', '', '{"jsonrpc":"2.0","id":7,"method":"sum"}'],
    [
      'graphql-transport-ws',
      '{}',
      'graphql-transport-ws',
      '{"type":"subscribe","id":"1","payload":{"query":"{ me }"}}',
    ],
    ['ocpp', '{}', 'ocpp1.6', '[2,"a1","Reset",{}]'],
  ])('%s', async (dialect, options, protocol, message) => {
    const file = sandbox.write(
      'sallyport.yaml',
      [
        'listeners: { public: { address: 0.0.0.0:8443, tls: { certificates: [{ cert: cert.pem, key: key.pem }] } } }',
        'identities: { all: { anonymous: {} } }',
        'routes:',
        '  - name: chat',
        '    match: { path: /chat }',
        '    origins: none-required',
        '    identify: [all]',
        '    upstream: { url: ws://127.0.0.1:9000 }',
        `    protocols: [${protocol}]`,
        `    dialect: { ${dialect}: ${options} }`,
        "    authorize: [{ allow: 'false' }]",
      ].join('\n'),
    );
    const io = testIo();
    await run(['explain', 'wss://localhost/chat', '-c', file, '--message', message, '--json'], io);
    const { answer } = JSON.parse(io.output.join('\n')).message.refusal;
    expect(fences.find(({ info }) => info === dialect)?.text).toBe(`${answer}\n`);
  });
});
