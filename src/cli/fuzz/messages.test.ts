import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { FrameReader } from '../../../test/support/raw-frames.ts';
import type { Case } from '../../fuzz/case.ts';
import { messageCase } from '../../fuzz/messages.ts';
import { Random } from '../../fuzz/random.ts';
import { UsageError } from '../verb.ts';
import { messagesIn } from './messages.ts';

const CHAT = 'examples/demo/chat.asyncapi.yaml';
const SEND = {
  type: 'object',
  required: ['type', 'room'],
  properties: {
    type: { const: 'send' },
    room: { $ref: '#/components/schemas/Room' },
    at: { type: 'integer' },
  },
  additionalProperties: false,
};
const SCHEMAS = { Room: { type: 'string', maxLength: 8 } };

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-messages-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(document: unknown): string {
  const file = join(folder, `${Math.random()}.yaml`);
  writeFileSync(file, stringify(document));
  return file;
}

/** What is sent in 300 cases, and what it is said to be. */
function sent(file: string): { readonly what: string; readonly text: string; readonly made: Case }[] {
  const messages = messagesIn(file, 'refused');
  return Array.from({ length: 300 }, (_, seed) => {
    const made = messageCase(new Random(seed), messages);
    const [step] = made.steps;
    const [frame] = new FrameReader().push(Buffer.from(step!.bytes, 'base64'));
    return { what: step!.what, text: frame!.payload.toString(), made };
  });
}

describe('messages of a schema', () => {
  const version2 = {
    asyncapi: '2.6.0',
    channels: { chat: { publish: { message: { $ref: '#/components/messages/Send' } } } },
    components: {
      messages: { Send: { payload: SEND }, Said: { payload: { type: 'object' } } },
      schemas: SCHEMAS,
    },
  };
  const version3 = {
    asyncapi: '3.0.0',
    channels: { chat: { messages: { send: { payload: SEND } } } },
    operations: { say: { action: 'receive', channel: { $ref: '#/channels/chat' } } },
    components: { schemas: SCHEMAS },
  };

  it.each([
    ['JSON Schema', { ...SEND, components: { schemas: SCHEMAS } }],
    ['AsyncAPI 2', version2],
    ['AsyncAPI 3', version3],
  ])('in %s are right, nearly right and meant ill', (_, document) => {
    const ajv = new Ajv({ strict: false });
    const isValid = ajv.compile({ ...SEND, components: { schemas: SCHEMAS } });
    const all = sent(fileOf(document));
    const right = all.filter(({ what }) => what === 'a message that its schema allows');
    const ill = all.filter(({ what }) => what === 'a message meant ill');
    const nearly = all.filter((each) => !right.includes(each) && !ill.includes(each));
    for (const some of [right, ill, nearly]) expect(some.length).toBeGreaterThan(20);
    for (const { text } of right) expect(isValid(JSON.parse(text)), text).toBe(true);
    for (const { text, made } of nearly) {
      expect(isValid(JSON.parse(text)), text).toBe(false);
      expect(made.refusal).toBe('refused'); // so it is held to be refused
    }
    expect(new Set(ill.map(({ text }) => text.slice(0, 8))).size).toBeGreaterThan(5);
  });

  it('are those that clients send, and not what they are sent', () => {
    const right = sent(CHAT).filter(({ what }) => what === 'a message that its schema allows');
    expect(new Set(right.map(({ text }) => JSON.parse(text).type))).toEqual(new Set(['chat.send']));
  });

  it.each([
    ['no schema', [1], /holds no schema$/],
    ['nothing at all', { asyncapi: '3.0.0', operations: {} }, /describes no message$/],
    ['another version', { asyncapi: '1.0.0' }, /:1: AsyncAPI 1\.0\.0 is not read/],
    [
      'a $ref into another file',
      { type: 'object', required: ['a'], properties: { a: { $ref: 'b.json' } } },
      /leads out/,
    ],
    ['a circle', { $ref: '#' }, /Maximum call stack/],
  ])('with %s get one clear line', (_, document, why) => {
    const file = fileOf(document);
    expect(() => messagesIn(file, undefined)).toThrow(UsageError);
    expect(() => messagesIn(file, undefined)).toThrow(why);
  });
});
