// FR-01
import { fails, said } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { binary, close, more, OPEN, ping, text } from '../support/raw-frames.ts';

const BARE = { mask: 'wrong' } as const;

frameAttack('a client that does not mask its frames', [
  fails('§5.1', 'text', [text('bare', BARE)], 1002),
  fails('§5.1', 'binary', [binary('bare', BARE)], 1002),
  fails('§5.1', 'a ping', [ping('bare', BARE)], 1002),
  fails('§5.1', 'a close', [close(1000, '', BARE)], 1002),
  fails('§5.1', 'the second of two', [text('good'), text('bare', BARE)], 1002, { messages: [said('good')] }),
  fails('§5.1', 'the second of two fragments', [text('a', OPEN), more('b', BARE)], 1002),
]);
