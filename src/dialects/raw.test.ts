import { describe, expect, it } from 'vitest';
import { fakeConnection, fakeContext, fakePayload } from '../../test/support/guard.ts';
import { CLOSE } from '../pipeline/dialect.ts';
import { raw } from './raw.ts';

const connection = fakeConnection();
const make = (options: object = {}) => raw.create(raw.options.parse(options), fakeContext());

describe('raw', () => {
  it('passes text and bytes, and knows nothing of them', () => {
    for (const content of ['hello', Buffer.of(0, 1, 0xff)]) {
      expect(make().read(fakePayload(content), connection)).toEqual({
        direction: 'client',
        type: undefined,
        id: undefined,
        body: undefined,
        content: undefined,
      });
    }
  });

  it.each([
    ['text', Buffer.of(1)],
    ['binary', 'hello'],
  ])('of %s alone refuses the other', (frames, content) => {
    expect(make({ frames }).read(fakePayload(content), connection)).toMatchObject({
      pass: false,
      code: 'message_kind',
      action: 'close',
    });
  });

  it('has no words for a refusal but a close', () => {
    expect(make().refuse([], { code: 'rate_exceeded', direction: 'client', reason: '' }, connection)).toBe(
      CLOSE,
    );
  });
});
