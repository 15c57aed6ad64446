// SM-19: a 101 with a field that is all spaces costs no more than any other.
import { expect, it } from 'vitest';
import { acceptKey } from '../../src/protocol/accept.ts';
import { UpgradeAnswer } from '../../src/upstream/response.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** What comes of an answer that is right but for one more line. */
function judge(line: string) {
  return new UpgradeAnswer(KEY, []).push(
    Buffer.from(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade:  websocket \t\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${acceptKey(KEY)}\r\n${line}\r\n\r\n`,
      'latin1',
    ),
  );
}

// A tenth of this took the expression that was here for minutes.
const SPACES = ' '.repeat(16_000);

it('refuses spaces that end in a control character', () => {
  expect(judge(`X:${SPACES}\x01`)).toMatchObject({ ok: false, reason: 'a header field is malformed' });
  expect(judge(`X: a${SPACES}\x7f`)).toMatchObject({ ok: false });
});

it('takes spaces that stand around and inside of a value', () => {
  expect(judge(`X:${SPACES}`)).toMatchObject({ ok: true });
  expect(judge(`X: a${SPACES}b`)).toMatchObject({ ok: true });
});

it('still reads a field by its grammar', () => {
  for (const line of ['no colon', ': no name', 'a b: space', ' folded', 'X : space before', 'X: \x00']) {
    expect(judge(line), line).toMatchObject({ ok: false });
  }
  expect(judge('X:\tobs-text \xe9\t')).toMatchObject({ ok: true });
});
