// CL-03
import { fails } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { close } from '../support/raw-frames.ts';

frameAttack(
  'close codes that may not be sent',
  [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map((code) =>
    fails('§7.4', String(code), [close(code)], 1002),
  ),
);
