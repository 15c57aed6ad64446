// FL-01, FL-05
import { fails } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { type FrameSpec, more, OPEN, RSV1, text } from '../support/raw-frames.ts';

const without_end = (payload: string): FrameSpec[] => Array.from({ length: 500 }, () => more(payload, OPEN));

frameAttack('a message of fragments without end', [
  fails('§10.4', 'of one byte each', [text('x', OPEN), ...without_end('x')], 1008),
  fails('§10.4', 'that are empty', [text('', OPEN), ...without_end('')], 1008),
  fails(
    '§10.4',
    'that are empty and compressed',
    [text('', { rsv: RSV1, fin: false }), ...without_end('')],
    1008,
    {
      offer: 'permessage-deflate',
    },
  ),
]);
