// FR-08
import { fails } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { close, more, OPEN, ping, pong, text } from '../support/raw-frames.ts';

frameAttack('a control frame without FIN', [
  fails('§5.5', 'ping', [ping('a', OPEN), more('b')], 1002),
  fails('§5.5', 'pong', [pong('a', OPEN), more('b')], 1002),
  fails('§5.5', 'close', [close(1000, '', OPEN)], 1002),
  fails('§5.5', 'ping amid a message', [text('a', OPEN), ping('', OPEN), more('b')], 1002),
]);
