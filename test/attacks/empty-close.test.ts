// CL-01
import { closes } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { close } from '../support/raw-frames.ts';

frameAttack('a close without a body is answered', [closes('§5.5.1', 'empty', [close()], [1000, 1005])]);
