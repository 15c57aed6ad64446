import { describe, expect, it } from 'vitest';
import { buildGuard, codeOf, fakeConnection, fakeContext, fakeMessage } from '../../../test/support/guard.ts';
import { FakeFiles } from '../../../test/support/schema-files.ts';
import { OptionsError, type OptionsProblem } from '../../pipeline/context.ts';
import type { Direction } from '../../pipeline/message.ts';
import type { Refused } from '../../pipeline/verdict.ts';
import { schema } from '../schema.ts';

const dialect = { name: 'json', json: true, typeAt: '/type' };

function load(files: Record<string, unknown>, as = dialect) {
  const context = fakeContext({ ...new FakeFiles(files).context(), dialect: as });
  const guard = buildGuard(schema, { messages: { schemas: 'c/chat.yaml', validate: 'both' } }, context)!;
  return (body: unknown, direction: Direction = 'client') =>
    codeOf(guard.onMessage!(fakeMessage(body, { direction }), fakeConnection()) as Refused);
}

function problemsOf(files: Record<string, unknown>): readonly OptionsProblem[] {
  try {
    load(files);
  } catch (error) {
    if (error instanceof OptionsError) return error.problems;
    throw error;
  }
  throw new Error('it loaded');
}

const V2 = `
asyncapi: 2.6.0
info: { title: Chat, version: 1.0.0 }
channels:
  room/{room}:
    publish:
      message:
        oneOf:
          - $ref: '#/components/messages/Send'
          - $ref: '#/components/messages/Ping'
    subscribe:
      message: { $ref: '#/components/messages/Said' }
components:
  messages:
    Send:
      payload:
        type: object
        required: [type, room]
        properties:
          type: { const: chat.send }
          room: { $ref: '#/components/schemas/Room' }
        additionalProperties: false
    Ping:
      name: chat.ping
      payload: { type: object, properties: { type: { type: string } }, additionalProperties: false }
    Said:
      payload: { $ref: 'said.json#/definitions/said' }
  schemas:
    Room: { type: string, maxLength: 8 }
`;
const SAID = {
  definitions: {
    said: {
      type: 'object',
      properties: { type: { enum: ['chat.said', 'chat.whispered'] }, by: { $ref: '#/definitions/name' } },
      additionalProperties: false,
    },
    name: { type: 'string' },
  },
};

const V3 = `
asyncapi: 3.0.0
info: { title: Chat, version: 1.0.0 }
channels:
  room:
    messages:
      send: { $ref: '#/components/messages/Send' }
      said: { payload: { type: object, properties: { type: { const: chat.said } } } }
operations:
  onSend:
    action: receive
    channel: { $ref: '#/channels/room' }
    messages: [{ $ref: '#/channels/room/messages/send' }]
    reply:
      messages: [{ $ref: '#/components/messages/Done' }]
  tell:
    action: send
    channel: { $ref: '#/channels/room' }
    messages: [{ $ref: '#/channels/room/messages/said' }]
components:
  messages:
    Send:
      payload:
        schemaFormat: application/schema+json;version=2020-12
        schema:
          type: object
          properties: { type: { const: chat.send }, pair: { prefixItems: [{ type: string }], type: array } }
    Done:
      payload: { type: object, properties: { type: { const: chat.done } } }
`;

describe('AsyncAPI 2', () => {
  const judge = load({ 'c/chat.yaml': V2, 'c/said.json': SAID });

  it('finds the type in the payload, and else in the name', () => {
    expect(judge({ type: 'chat.send', room: 'lobby' })).toBe('pass');
    expect(judge({ type: 'chat.send', room: 'a long name' })).toBe('schema_invalid');
    expect(judge({ type: 'chat.ping' })).toBe('pass');
    expect(judge({ type: 'Send', room: 'lobby' })).toBe('type_unknown');
  });

  it('lets clients say what they publish, and servers what is subscribed to', () => {
    expect(judge({ type: 'chat.said', by: 'ada' }, 'server')).toBe('pass');
    expect(judge({ type: 'chat.said', by: 'ada' }, 'client')).toBe('type_unknown');
    expect(judge({ type: 'chat.send', room: 'lobby' }, 'server')).toBe('type_unknown');
  });

  it('follows references into neighbours, and every type of an enum', () => {
    expect(judge({ type: 'chat.whispered', by: 7 }, 'server')).toBe('schema_invalid');
    expect(judge({ type: 'chat.whispered', by: 'ada' }, 'server')).toBe('pass');
  });
});

describe('AsyncAPI 3', () => {
  const judge = load({ 'c/chat.yaml': V3 });

  it('lets clients say what the application receives, and servers what it sends and replies', () => {
    expect(judge({ type: 'chat.send' })).toBe('pass');
    expect(judge({ type: 'chat.said' })).toBe('type_unknown');
    expect(judge({ type: 'chat.said' }, 'server')).toBe('pass');
    expect(judge({ type: 'chat.done' }, 'server')).toBe('pass');
    expect(judge({ type: 'chat.done' })).toBe('type_unknown');
  });

  it('reads a payload in the draft that it says', () => {
    expect(judge({ type: 'chat.send', pair: ['a'] })).toBe('pass');
    expect(judge({ type: 'chat.send', pair: [1] })).toBe('schema_invalid');
  });

  it('takes all messages of the channel where an operation lists none', () => {
    const judge = load({
      'c/chat.yaml': V3.replace(/ {4}messages: \[\{ \$ref: '#\/channels\/room\/messages\/send' \}\]\n/, ''),
    });
    expect(judge({ type: 'chat.said' }, 'client')).toBe('pass');
  });
});

describe('AsyncAPI in dialects whose type is no part of the content', () => {
  it('knows messages by name, and by key where they have none', () => {
    const judge = load({ 'c/chat.yaml': V2, 'c/said.json': SAID }, {
      name: 'json-rpc',
      json: true,
    } as typeof dialect);
    expect(judge({ type: 'Send', room: 'lobby' })).toBe('schema_invalid');
    expect(judge({ type: 'chat.ping' })).toBe('pass');
    expect(judge({ type: 'chat.send', room: 'lobby' })).toBe('type_unknown');
  });
});

describe('a fault in an AsyncAPI document', () => {
  const one = (text: string, more: Record<string, unknown> = {}) =>
    problemsOf({ 'c/chat.yaml': text, 'c/said.json': SAID, ...more })[0]!;
  const inRoom = (text: string) => V2.replace('maxLength: 8', text);
  const inPing = (text: string) => V2.replace('name: chat.ping', text);

  it.each([
    ['a version', V2.replace('2.6.0', '1.2.0'), '1.2.0', /AsyncAPI 1\.2\.0 is not read/],
    ['a part that is not there', V2.replace("messages/Ping'", "messages/Pong'"), 'Pong', /leads nowhere/],
    ['a misspelt keyword', inRoom('maxLenght: 8'), 'maxLenght', /maxLenght is no keyword/],
    ['a wrong value', inRoom('maxLength: "8"'), 'maxLength', /maxLength must be integer/],
    ['an unknown format', inRoom('format: room'), 'format: room', /unknown format "room"/],
    ['a pattern that is not linear', inRoom('pattern: "(?=a)b"'), 'pattern', /pattern .*\(\?=/],
    ['a type described twice', inPing('name: chat.send'), 'payload: { type', /chat\.send is described twice/],
    ['another language', inPing('schemaFormat: text/xml'), 'payload: { type', /text\/xml is not read/],
    ['an action that is none', V3.replace('action: send', 'action: tell'), 'action: tell', /send or receive/],
    [
      'a message without payload',
      V3.replace(/payload: (.*chat.done.*)/, 'x-payload: $1'),
      'x-payload',
      /no payload/,
    ],
    ['a schema that never ends', inRoom('allOf: [$ref: "#/components/schemas/Room"]'), 'Room', /never end/],
    ['a remote $ref', inRoom('allOf: [$ref: "http://x.test/"]'), 'x.test', /never followed/],
    ['YAML that is none', `${V2}  - a\n`, '- a', /not YAML/],
  ])('is told with its line: %s', (_, text, marker, message) => {
    const problem = one(text);
    expect(problem.message).toMatch(message);
    expect(problem).toMatchObject({ file: 'c/chat.yaml', path: ['messages', 'schemas'] });
    expect(text.split('\n')[problem.line! - 1]).toContain(marker);
  });

  it('is told of the neighbour in which it is', () => {
    const said = JSON.stringify(SAID, null, 2).replace('"type": "string"', '"type": "text"');
    const problem = one(V2, { 'c/said.json': said });
    expect(problem.file).toBe('c/said.json');
    expect(said.split('\n')[problem.line! - 1]).toContain('"type": "text"');
  });

  it('is told together with all others', () => {
    const text = inRoom('maxLenght: 8').replace('said.json#/definitions/said', 'gone.json');
    expect(problemsOf({ 'c/chat.yaml': text }).map(({ message }) => message)).toEqual([
      '$ref gone.json: cannot read "c/gone.json"',
      'maxLenght is no keyword of JSON Schema draft-07',
    ]);
  });
});
