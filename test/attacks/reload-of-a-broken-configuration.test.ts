// RO-16, JS-21
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { testIo } from '../support/io.ts';

const ROUTE = {
  name: 'chat',
  match: { path: '/chat' },
  origins: 'none-required',
  identify: ['visitors'],
  upstream: { url: 'ws://127.0.0.1:9' },
  dialect: { json: { type: '/type' } },
};

let running: RunningGateway;
let good: string;

beforeAll(async () => {
  running = await startGateway({ config: { routes: [ROUTE] } });
  good = readFileSync(path.join(running.folder, 'sallyport.yaml'), 'utf8');
});

afterAll(() => running.stop());

const SCHEMA = JSON.stringify({ type: 'object', properties: { a: { type: 'string', pattern: '(?=a)b' } } });

test.each<[what: string, broken: (text: string) => string]>([
  ['a syntax error', (text) => `${text}\n\t- x`],
  ['half of the file', (text) => text.slice(0, text.length / 2)],
  ['nothing', () => ''],
  ['an unknown key', (text) => text.replace('origins:', 'orgins:')],
  ['a file of twice the size there may be', (text) => text + '#'.repeat(2 * 1_048_576)],
  ['two routes of one name', (text) => `${text}${text.slice(text.indexOf('  - name'))}`],
  ['a limit of nothing', (text) => `${text}    limits: { perSubject: { messages: 0/s } }\n`],
  ['a size of nothing', (text) => `${text}    messages: { maxBytes: 0B }\n`],
  ['a pattern that is not linear', (text) => `${text}    messages: { schemas: { a: a.json } }\n`],
  ['a rule that is not one', (text) => `${text}    authorize: [{ allow: "message.a ==" }]\n`],
  ['a file that is not there', (text) => `${text}    messages: { schemas: nothing/ }\n`],
  ['a variable that is not set', (text) => text.replace('/chat', '/$' + '{SALLYPORT_NO_SUCH}')],
])('%s is refused whole, and the old plan goes on', async (_what, broken) => {
  running.write('a.json', SCHEMA);
  const before = running.gateway.plan();
  const text = broken(good);
  expect(text).not.toBe(good);
  running.write('sallyport.yaml', text);

  const report = await running.gateway.reload('signal');
  if (report.done) throw new Error('it was taken');
  expect(report.generation).toBe(before.generation);
  expect(running.gateway.plan()).toBe(before);
  expect(report.problems.length).toBeGreaterThan(0);
  console.log(
    _what,
    report.problems.map((p) => `${p.line} ${p.message}`),
  );
  for (const { line } of report.problems) expect(line).toBeGreaterThanOrEqual(1);

  const io = testIo({ environment: {} });
  expect(await run(['check', path.join(running.folder, 'sallyport.yaml')], io)).toBe('problems');
});

test('the good one is taken again after all of them', async () => {
  running.write('sallyport.yaml', good);
  expect(await running.gateway.reload('signal')).toMatchObject({ done: true });
});
