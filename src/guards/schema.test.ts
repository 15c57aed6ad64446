import { describe, expect, it, vi } from 'vitest';
import {
  buildGuard,
  codeOf,
  fakeConnection,
  fakeContext,
  fakeMessage,
  fakeServices,
} from '../../test/support/guard.ts';
import { FakeFiles } from '../../test/support/schema-files.ts';
import type { RouteContext } from '../pipeline/context.ts';
import type { Message } from '../pipeline/message.ts';
import type { Refused } from '../pipeline/verdict.ts';
import { Compiler } from './schema/validator.ts';
import { schema } from './schema.ts';

const room = { type: 'string', pattern: '^[a-z]{1,16}$' };
const send = {
  type: 'object',
  required: ['type', 'room'],
  properties: {
    type: { const: 'chat.send' },
    room,
    count: { type: 'integer' },
    tags: { type: 'array', items: room },
  },
  additionalProperties: false,
};
const ping = { type: 'object', properties: { type: { const: 'chat.ping' } }, additionalProperties: false };

function make(files: Record<string, unknown>, messages: object, more: Partial<RouteContext> = {}) {
  const guard = buildGuard(
    schema,
    { messages },
    fakeContext({ ...new FakeFiles(files).context(), ...more }),
  )!;
  return {
    guard,
    judge: (body: unknown, as: Partial<Message> = {}, protocol = '') =>
      guard.onMessage!(fakeMessage(body, as), fakeConnection({ protocol })) as Refused,
  };
}

describe('schema', () => {
  const folder = { 's/chat.send.json': send, 's/chat.ping.yaml': ping };

  it('holds each message against the schema of its type', () => {
    const { judge } = make(folder, { schemas: 's/' });
    expect(codeOf(judge({ type: 'chat.send', room: 'lobby' }))).toBe('pass');
    expect(codeOf(judge({ type: 'chat.ping' }))).toBe('pass');
    expect(codeOf(judge({ type: 'chat.send', room: 'LOBBY' }))).toBe('schema_invalid');
    expect(codeOf(judge({ type: 'chat.ping', room: 'lobby' }))).toBe('schema_invalid');
  });

  it('refuses a type that no schema covers', () => {
    const { judge } = make(folder, { schemas: 's/' });
    expect(codeOf(judge({ type: 'chat.kick' }))).toBe('type_unknown');
    expect(codeOf(judge({ type: 'constructor' }))).toBe('type_unknown');
    expect(codeOf(judge({}))).toBe('type_unknown');
  });

  it('lets pass what the dialect itself has checked', () => {
    const { judge } = make(folder, { schemas: 's/' });
    expect(codeOf(judge({ type: 'pong' }, { framing: true }))).toBe('pass');
    expect(codeOf(judge({ type: 'chat.ping', x: 1 }, { framing: true }))).toBe('schema_invalid');
  });

  it.each([
    [{ type: 'chat.send' }, "/ must have required property 'room'", 'occurrence'],
    [{ type: 'chat.send', room: 5 }, '/room must be string', 'type'],
    [{ type: 'chat.send', room: 'a', count: 'SECRET' }, '/count must be integer', 'type'],
    [{ type: 'chat.send', room: 'SECRET' }, '/room must match pattern "^[a-z]{1,16}$"', 'value'],
    [
      { type: 'chat.send', room: 'a', tags: ['b', 'SECRET'] },
      '/tags/1 must match pattern "^[a-z]{1,16}$"',
      'value',
    ],
    [{ type: 'chat.send', room: 'a', SECRET: 1 }, '/ must NOT have additional properties', 'extra'],
  ])('names the place of %j, never the value', (body, reason, violation) => {
    const verdict = make(folder, { schemas: 's/' }).judge(body);
    expect(verdict).toMatchObject({ reason, violation });
    expect(verdict.reason).not.toContain('SECRET');
  });

  it('takes a file for each type', () => {
    const { judge } = make({ 'a.json': send }, { schemas: { 'chat.send': 'a.json' } });
    expect(codeOf(judge({ type: 'chat.send', room: 'lobby' }))).toBe('pass');
    expect(codeOf(judge({ type: 'a' }))).toBe('type_unknown');
  });

  it('takes one schema for every message', () => {
    const { judge } = make({ 'all.json': { anyOf: [send, ping] } }, { schemas: 'all.json' });
    expect(codeOf(judge({ type: 'chat.ping' }))).toBe('pass');
    expect(codeOf(judge({ type: 'chat.kick' }))).toBe('schema_invalid');
  });

  it('chooses the version by subprotocol', () => {
    const schemas = { 'chat.v1': { file: 'v1.json' }, 'chat.v2': { file: { 'chat.send': 'v2.json' } } };
    const { judge } = make(
      { 'v1.json': ping, 'v2.json': send },
      { schemas },
      { protocols: ['chat.v1', 'chat.v2'] },
    );
    expect(codeOf(judge({ type: 'chat.ping' }, {}, 'chat.v1'))).toBe('pass');
    expect(codeOf(judge({ type: 'chat.ping' }, {}, 'chat.v2'))).toBe('type_unknown');
    expect(codeOf(judge({ type: 'chat.send', room: 'a' }, {}, 'chat.v2'))).toBe('pass');
    expect(codeOf(judge({ type: 'chat.ping' }, {}, ''))).toBe('type_unknown');
  });

  it('judges the server too where the route says so', () => {
    expect(make(folder, { schemas: 's/' }).guard.directions).toEqual(['client']);
    const { guard, judge } = make(folder, { schemas: 's/', validate: 'both' });
    expect(guard.directions).toEqual(['client', 'server']);
    expect(codeOf(judge({ type: 'chat.ping' }, { direction: 'server' }))).toBe('pass');
    expect(codeOf(judge({ type: 'x' }, { direction: 'server' }))).toBe('type_unknown');
  });

  it('compiles anew only what a reload has changed', () => {
    const services = fakeServices();
    const load = (files: Record<string, unknown>) => make(files, { schemas: 's/' }, { services });
    const time = (files: Record<string, unknown>) => {
      const before = compiled.mock.calls.length;
      load(files);
      return compiled.mock.calls.length - before;
    };
    const compiled = vi.spyOn(Compiler.prototype, 'compile');
    expect(time(folder)).toBe(2);
    expect(time(folder)).toBe(0);
    expect(time({ ...folder, 's/chat.ping.yaml': { ...ping, maxProperties: 1 } })).toBe(1);
    // what the load before did not use is forgotten
    expect(time(folder)).toBe(1);
    compiled.mockRestore();
  });

  it('is not there where a route has no schemas', () => {
    expect(buildGuard(schema, { messages: { validate: 'both' } })).toBeUndefined();
  });
});
