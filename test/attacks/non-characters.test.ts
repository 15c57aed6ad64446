// UT-08, UT-14
import { passes, said } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { text } from '../support/raw-frames.ts';

const ODD = [
  '\ufffe',
  '\uffff',
  '\ufdd0',
  '\u{1fffe}',
  '\u{1ffff}',
  '\u{10fffe}',
  '\u{10ffff}',
  '\u0000',
  '\ufeffBOM',
  '\u202e',
  '😀',
];

frameAttack(
  'odd characters that are UTF-8 all the same reach the upstream unchanged',
  ODD.map((odd) =>
    passes('§5.6', `U+${odd.codePointAt(0)!.toString(16)}`, [text(odd)], { messages: [said(odd)] }),
  ),
);
