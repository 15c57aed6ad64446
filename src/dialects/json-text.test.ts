import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakePayload } from '../../test/support/guard.ts';
import { isUnreadable, parseText } from './json-text.ts';

const parse = (text: string) => parseText(fakePayload(text));

describe('parseText', () => {
  it('reads whatever JSON text there is, as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['blanks', ' \t\r\n'],
    ['two texts', '{} {}'],
    ['a byte order mark', '\ufeff{}'],
    ['a trailing NUL', '{}\0'],
  ])('refuses %s', (_, text) => {
    const value = parse(text);
    expect(isUnreadable(value)).toBe(true);
    expect(value).toMatchObject({ code: 'message_malformed' });
  });

  it('refuses a binary frame, whatever is in it', () => {
    const value = parseText(fakePayload(Buffer.from('{}')));
    expect(isUnreadable(value)).toBe(true);
    expect(value).toMatchObject({ code: 'message_kind' });
  });

  it('takes no message that looks like a refusal for one', () => {
    expect(
      isUnreadable(parse('{"pass":false,"code":"message_malformed","reason":"not one JSON text"}')),
    ).toBe(false);
  });
});
