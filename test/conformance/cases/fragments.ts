import { binary, type FrameSpec, more, OPEN, ping, text } from '../../support/raw-frames.ts';
import { type Case, fails, inSingleBytes, passes, said, saidBinary } from '../case.ts';

const hello = { messages: [said('hello')] };

const good: Case[] = [
  passes('§5.4', 'text in two fragments', [text('he', OPEN), more('llo')], hello),
  passes('§5.4', 'binary in two fragments', [binary('he', OPEN), more('llo')], {
    messages: [saidBinary('hello')],
  }),
  passes(
    '§5.4',
    'text in five fragments',
    [text('h', OPEN), ...[...'ell'].map((c) => more(c, OPEN)), more('o')],
    hello,
  ),
  passes('§5.4', 'an empty last fragment', [text('hello', OPEN), more('')], hello),
  passes('§5.4', 'an empty first fragment', [text('', OPEN), more('hello')], hello),
  passes('§5.4', 'an empty middle fragment', [text('he', OPEN), more('', OPEN), more('llo')], hello),
  passes('§5.4', 'three empty fragments', [text('', OPEN), more('', OPEN), more('')], {
    messages: [said('')],
  }),
  passes('§5.4', 'an empty binary in two fragments', [binary('', OPEN), more('')], {
    messages: [saidBinary('')],
  }),
  passes(
    '§5.4',
    'two messages in fragments, one after the other',
    [text('he', OPEN), more('llo'), binary('wor', OPEN), more('ld')],
    { messages: [said('hello'), saidBinary('world')] },
  ),
  passes(
    '§5.4',
    'pings after the first and before the last fragment',
    [text('a', OPEN), ping('1'), more('b', OPEN), more('c', OPEN), ping('2'), more('d')],
    { messages: [said('abcd')], pongs: ['1', '2'] },
  ),
  passes(
    '§5.4',
    'a message between two in fragments',
    [text('a', OPEN), more('b'), text('c'), text('d', OPEN), more('e')],
    {
      messages: [said('ab'), said('c'), said('de')],
    },
  ),
  passes(
    '§5.2',
    'a first fragment that is long and a last that is short',
    [binary(Buffer.alloc(65_000, 1), OPEN), more('x')],
    {
      messages: [saidBinary(Buffer.concat([Buffer.alloc(65_000, 1), Buffer.from('x')]))],
    },
  ),
];

/** Continuations of nothing, and new messages inside old ones. */
const lost: readonly (readonly [string, readonly FrameSpec[]])[] = [
  ['a last continuation of nothing', [more('x'), text('hello')]],
  ['a continuation of nothing', [more('x', OPEN), text('hello')]],
  ['an empty continuation of nothing', [more(''), text('hello')]],
  ['a text amid a text', [text('a', OPEN), text('b')]],
  ['a binary amid a text', [text('a', OPEN), binary('b')]],
  ['a text amid a binary', [binary('a', OPEN), text('b')]],
  ['a binary amid a binary', [binary('a', OPEN), binary('b', OPEN), more('c')]],
  ['an empty text amid a text', [text('a', OPEN), text('')]],
  ['a first fragment amid a text', [text('a', OPEN), text('b', OPEN), more('c')]],
  ['a text amid a message with an empty first fragment', [text('', OPEN), text('b')]],
];

const bad: Case[] = [
  ...lost.map(([name, send]) => fails('§5.4', name, send, 1002)),
  fails('§5.4', 'a continuation after the last', [text('he', OPEN), more('llo'), more('?')], 1002, hello),
  fails('§5.4', 'a continuation after a whole text', [text('hello'), more('?')], 1002, hello),
  fails('§5.4', 'a continuation of nothing after a ping', [ping('p'), more('?')], 1002, { pongs: ['p'] }),
];

/** RFC 6455 §5.4. */
export const FRAGMENTS: readonly Case[] = [
  ...good,
  ...inSingleBytes(good.slice(0, -1)),
  ...bad,
  ...inSingleBytes(bad),
];
