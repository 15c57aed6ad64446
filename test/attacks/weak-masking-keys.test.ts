// FR-21
import { passes, said } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { more, OPEN, text } from '../support/raw-frames.ts';

const key = (hex: string): { mask: Buffer } => ({ mask: Buffer.from(hex, 'hex') });

frameAttack('masking keys that hide nothing, and one that changes in a message', [
  passes('§5.3', 'all zeros', [text('hello', key('00000000'))], { messages: [said('hello')] }),
  passes('§5.3', 'all ones', [text('hello', key('ffffffff'))], { messages: [said('hello')] }),
  passes(
    '§5.3',
    'three keys',
    [
      text('he', { ...key('00000001'), ...OPEN }),
      more('l', { ...key('ffff0000'), ...OPEN }),
      more('lo', key('0a0b0c0d')),
    ],
    {
      messages: [said('hello')],
    },
  ),
]);
