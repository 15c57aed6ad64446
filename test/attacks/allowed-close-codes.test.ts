// CL-05, CL-06
import { closes } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { close } from '../support/raw-frames.ts';

frameAttack(
  'close codes that may be sent are answered with themselves',
  [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999].map(
    (code) => closes('§7.4', String(code), [close(code)], [code]),
  ),
);
