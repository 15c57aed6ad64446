import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Asker } from '../../src/audit/probe/ask.ts';
import { readFinding } from '../../src/fuzz/report.ts';
import { tryCase } from '../../src/fuzz/try.ts';
import { Chat } from '../support/chat.ts';
import { askerOf, run } from './harness.ts';

// Sallyport under its own fuzzer, for a bounded time: new cases from a seed that changes, and all that was ever found.

const CORPUS = 'test/fuzz/corpus';

const SCHEMA = {
  type: 'object',
  properties: {
    type: { const: 'chat.send' },
    room: { enum: ['lobby', 'garden'] },
    text: { type: 'string', maxLength: 200 },
    to: { type: 'array', items: { type: 'string' }, maxItems: 3 },
  },
  required: ['type', 'room', 'text'],
  additionalProperties: false,
};

let chat: Chat;
let asker: Asker;

beforeAll(async () => {
  chat = await Chat.open({
    route: {
      dialect: { json: { type: '/type', refusal: '{"refused":{code}}' } },
      messages: { schemas: 'schemas' },
    },
    files: { 'schemas/chat.send.json': JSON.stringify(SCHEMA) },
  });
  asker = await askerOf(chat.gateway.port, chat.ca.cert, chat.token());
});

afterAll(() => chat.close());

const seedOfToday = Math.floor(Date.now() / 86_400_000);

it.each([1, 2, seedOfToday])(
  'stands what seed %d sends it',
  async (seed) => {
    const messages = { described: [{ schema: SCHEMA, root: SCHEMA }], refusal: 'refused' };
    const report = await run(asker, seed, 300, { messages });
    expect(report.findings).toEqual([]);
    expect([report.ended, report.tried]).toEqual([undefined, 300]);
    expect(report.unanswered).toBeLessThan(30);
  },
  120_000,
);

it.each(readdirSync(CORPUS).filter((name) => name.endsWith('.json')))(
  '%s is not seen any more',
  async (name) => {
    const found = readFinding(readFileSync(`${CORPUS}/${name}`, 'utf8'));
    expect(await tryCase(asker, found)).toBeUndefined();
  },
);

it('has felt nothing', () => {
  expect(chat.named('gateway.fault')).toEqual([]);
});
