// CL-08
import { closes } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { close, ping, text } from '../support/raw-frames.ts';

frameAttack('frames after a close are not read', [
  closes('§5.5.1', 'another close', [close(1000), close(4000)], [1000]),
  closes('§5.5.1', 'text', [close(1000), text('late')], [1000]),
  closes('§5.5.1', 'a ping', [close(1000), ping('late')], [1000]),
  closes(
    '§5.5.1',
    'a frame that breaks every rule',
    [close(1000), text('late', { rsv: 7, mask: 'wrong' })],
    [1000],
  ),
]);
