// FR-19
import { passes, said, saidBinary } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { binary, more, OPEN, ping, text } from '../support/raw-frames.ts';

frameAttack('frames without a payload are messages like any other', [
  passes('§5.6', 'text', [text('')], { messages: [said('')] }),
  passes('§5.6', 'binary', [binary('')], { messages: [saidBinary('')] }),
  passes('§5.5.2', 'ping', [ping('')], { pongs: [''] }),
  passes('§5.4', 'continuations', [text('', OPEN), more('', OPEN), more('')], { messages: [said('')] }),
]);
