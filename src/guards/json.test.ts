import { describe, expect, it } from 'vitest';
import { buildGuard, codeOf, fakeConnection, fakeContext, fakePayload } from '../../test/support/guard.ts';
import { json } from './json.ts';

const judge = (content: string | Buffer, messages?: unknown) =>
  codeOf(
    buildGuard(json, messages === undefined ? {} : { messages })?.onPayload?.(
      fakePayload(content),
      fakeConnection(),
    ),
  );

describe('json', () => {
  it('holds a route that says nothing to the defaults', () => {
    expect(judge('['.repeat(32) + ']'.repeat(32))).toBe('pass');
    expect(judge('['.repeat(33) + ']'.repeat(33))).toBe('json_structure');
    expect(judge('{"a":1,"a":2}')).toBe('json_unsafe');
    expect(judge('[9007199254740993]')).toBe('json_unsafe');
    expect(judge('{"__proto__":1}')).toBe('json_unsafe');
    expect(judge(`[${'1,'.repeat(999)}1]`)).toBe('pass');
    expect(judge(`[${'1,'.repeat(1_000)}1]`)).toBe('json_structure');
    const keys = (count: number) => `{${Array.from({ length: count }, (_, i) => `"k${i}":1`).join()}}`;
    expect(judge(keys(1_000))).toBe('pass');
    expect(judge(keys(1_001))).toBe('json_structure');
  });

  it('holds it to what it says', () => {
    expect(judge('[[1]]', { maxDepth: 1 })).toBe('json_structure');
    expect(judge('{"a":1,"b":2}', { maxKeys: 1 })).toBe('json_structure');
    expect(judge('[1,2]', { maxItems: 1 })).toBe('json_structure');
    expect(judge('{"a":1,"a":2}', { duplicateKeys: 'allow' })).toBe('pass');
    expect(judge('[9007199254740993]', { inexactNumbers: 'allow' })).toBe('pass');
  });

  it('takes no binary message for JSON', () => {
    expect(judge(Buffer.from('{}'))).toBe('message_kind');
  });

  it('has nothing to judge where the dialect is not JSON', () => {
    expect(buildGuard(json, {}, fakeContext({ dialect: { name: 'raw', json: false } }))).toBeUndefined();
  });

  it.each([{ maxDepth: 0 }, { maxDepth: 10_000 }, { duplicateKeys: 'maybe' }, { maxKeys: '5' }])(
    'does not load %j',
    (messages) => {
      expect(() => buildGuard(json, { messages })).toThrow();
    },
  );
});
