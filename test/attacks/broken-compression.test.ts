// PD-14
import { fails } from '../conformance/case.ts';
import { frameAttack } from '../support/frame-attack.ts';
import { RSV1, text } from '../support/raw-frames.ts';

const BROKEN = {
  'a block of type 3': '07000000',
  'a stored block whose lengths disagree': '0005000000 48656c6c6f00',
  'a distance before the beginning': 'f200110000',
  'a bad dynamic table': '04c0ffffffffffff',
  'a message cut short': 'f248cdc9',
  'bytes after the last block': 'f348cdc9c90700 deadbeef',
};

frameAttack(
  'a compressed message that does not inflate',
  Object.entries(BROKEN).map(([name, hex]) =>
    fails('7692 §7.2.2', name, [text(Buffer.from(hex.replaceAll(' ', ''), 'hex'), { rsv: RSV1 })], 1007, {
      offer: 'permessage-deflate',
    }),
  ),
);
