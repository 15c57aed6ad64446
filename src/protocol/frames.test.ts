import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameScanner, STATE } from './frames.ts';

/** What a scanner saw: a line a frame, and a last one for a fault or an unfinished frame. */
function scan(hex: string, side: 'client' | 'server', options: { deflate?: boolean; cuts?: number[] } = {}) {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const scanner = new FrameScanner(side === 'client', options.deflate ?? false);
  const seen: string[] = [];
  let from = 0;
  for (const cut of [...(options.cuts ?? []), bytes.length]) {
    walk(scanner, bytes.subarray(from, cut), seen);
    from = cut;
  }
  if (scanner.fault) seen.push(`fault ${scanner.fault}`);
  else if (scanner.state !== STATE.first) seen.push(`unfinished, ${scanner.remaining} to come`);
  return seen;
}

function walk(scanner: FrameScanner, chunk: Buffer, seen: string[]): void {
  let at = 0;
  while (at < chunk.length) {
    if (scanner.state !== STATE.payload) at = scanner.readHeader(chunk, at);
    if (scanner.fault || scanner.state !== STATE.payload) return;
    const bytes = Math.min(scanner.remaining, chunk.length - at);
    at += bytes;
    const { opcode, length, final, key, compressed } = scanner;
    scanner.consume(bytes);
    if (scanner.state !== STATE.payload) {
      const mask = key === 0 ? '' : ` key ${(key >>> 0).toString(16)}`;
      const deflated = compressed && opcode < 8 ? ' deflated' : '';
      seen.push(`${opcode}${final ? ' fin' : ''} ${length}${mask}${deflated} of ${scanner.kind}`);
    }
  }
}

const KEY = '01020304';
const text5 = `81 85 ${KEY} ${'00'.repeat(5)}`;

describe('a header', () => {
  it.each([
    ['an empty text', `81 80 ${KEY}`, ['1 fin 0 key 4030201 of 0']],
    ['an empty binary, key 0', '82 80 00000000', ['2 fin 0 of 0']],
    ['key of ones', '82 80 ffffffff', ['2 fin 0 key ffffffff of 0']],
    ['125 bytes', `82 fd ${KEY} ${'00'.repeat(125)}`, ['2 fin 125 key 4030201 of 0']],
    ['126 bytes', `82 fe 007e ${KEY} ${'00'.repeat(126)}`, ['2 fin 126 key 4030201 of 0']],
    ['65535 bytes', `82 fe ffff ${KEY} ${'00'.repeat(65535)}`, ['2 fin 65535 key 4030201 of 0']],
    ['65536 bytes', `82 ff 0000000000010000 ${KEY} ${'00'.repeat(65536)}`, ['2 fin 65536 key 4030201 of 0']],
    ['a ping of 125', `89 fd ${KEY} ${'00'.repeat(125)}`, ['9 fin 125 key 4030201 of 0']],
    [
      'a pong, a close',
      `8a 80 ${KEY} 88 80 ${KEY}`,
      ['10 fin 0 key 4030201 of 0', '8 fin 0 key 4030201 of 0'],
    ],
    [
      'fragments with a ping between',
      `01 80 ${KEY} 89 80 ${KEY} 00 80 ${KEY} 80 80 ${KEY}`,
      [
        '1 0 key 4030201 of 1',
        '9 fin 0 key 4030201 of 1',
        '0 0 key 4030201 of 1',
        '0 fin 0 key 4030201 of 0',
      ],
    ],
    ['an announced 2^62 bytes', `82 ff 4000000000000000 ${KEY}`, [`unfinished, ${2 ** 62} to come`]],
  ])('%s', (_, hex, seen) => {
    expect(scan(hex, 'client')).toEqual(seen);
  });

  it('of a server has no mask', () => {
    expect(scan('81 05 0000000000 82 7e 007e', 'server')).toEqual([
      '1 fin 5 of 0',
      'unfinished, 126 to come',
    ]);
  });

  it('may set RSV1 on the first frame of a message once deflate is negotiated', () => {
    expect(scan(`41 80 ${KEY} 80 80 ${KEY} 82 80 ${KEY}`, 'client', { deflate: true })).toEqual([
      '1 0 key 4030201 deflated of 1',
      '0 fin 0 key 4030201 deflated of 0',
      '2 fin 0 key 4030201 of 0',
    ]);
  });
});

describe('a fault', () => {
  const faults: [string, string, string, 'client' | 'server', boolean?][] = [
    ['an unmasked client frame', '81 05', 'unmasked', 'client'],
    ['a masked server frame', `81 85 ${KEY}`, 'masked', 'server'],
    ['RSV1 without deflate', `c1 80 ${KEY}`, 'reservedBit', 'client'],
    ['RSV2', `a1 80 ${KEY}`, 'reservedBit', 'client', true],
    ['RSV3', `91 80 ${KEY}`, 'reservedBit', 'client', true],
    ['RSV1, 2 and 3', `f1 80 ${KEY}`, 'reservedBit', 'client', true],
    ['RSV1 on a continuation', `01 80 ${KEY} c0 80 ${KEY}`, 'reservedBit', 'client', true],
    ['RSV1 on a ping', `c9 80 ${KEY}`, 'reservedBit', 'client', true],
    ['RSV1 on a close', `c8 80 ${KEY}`, 'reservedBit', 'client', true],
    ...[3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf].map((opcode): (typeof faults)[number] => [
      `opcode ${opcode}`,
      `8${opcode.toString(16)} 80 ${KEY}`,
      'opcode',
      'client',
    ]),
    ['a fragmented ping', `09 80 ${KEY}`, 'controlFragmented', 'client'],
    ['a fragmented close', `08 80 ${KEY}`, 'controlFragmented', 'client'],
    ['a ping of 126', `89 fe 007e ${KEY}`, 'controlTooLong', 'client'],
    ['a close of 64-bit length', `88 ff 0000000000010000 ${KEY}`, 'controlTooLong', 'client'],
    ['a continuation of nothing', `80 80 ${KEY}`, 'continuation', 'client'],
    ['a continuation after the end', `81 80 ${KEY} 80 80 ${KEY}`, 'continuation', 'client'],
    ['text inside text', `01 80 ${KEY} 81 80 ${KEY}`, 'interleaved', 'client'],
    ['binary inside text', `01 80 ${KEY} 02 80 ${KEY}`, 'interleaved', 'client'],
    ['5 in 16 bits', '82 fe 0005', 'lengthNotMinimal', 'client'],
    ['125 in 16 bits', '82 fe 007d', 'lengthNotMinimal', 'client'],
    ['125 in 64 bits', '82 ff 000000000000007d', 'lengthNotMinimal', 'client'],
    ['65535 in 64 bits', '82 ff 000000000000ffff', 'lengthNotMinimal', 'client'],
    ['the highest bit of a length', '82 ff 80', 'lengthHighBit', 'client'],
    ['a length of ones', '82 ff ffffffffffffffff', 'lengthHighBit', 'client'],
  ];

  it.each(faults)('%s', (_, hex, fault, side, deflate = false) => {
    expect(scan(hex, side, { deflate }).at(-1)).toBe(`fault ${fault}`);
    // The same after a good message, and inside one.
    const good = side === 'client' ? text5 : '81 05 0000000000';
    expect(scan(`${good} ${hex}`, side, { deflate }).at(-1)).toBe(`fault ${fault}`);
  });

  it('stops for good', () => {
    const scanner = new FrameScanner(true, false);
    const chunk = Buffer.from('83', 'hex');
    scanner.readHeader(chunk, 0);
    expect(scanner.readHeader(Buffer.from('8180', 'hex'), 0)).toBe(0);
    expect(scanner.fault).toBe('opcode');
  });

  it('is known before the rest of the header has come', () => {
    expect(scan('81 05', 'client')).toEqual(['fault unmasked']);
    expect(scan('89 fe', 'client')).toEqual(['fault controlTooLong']);
    expect(scan('83', 'client')).toEqual(['fault opcode']);
  });
});

describe('a stream cut anywhere', () => {
  const stream =
    `${text5} 01 83 ${KEY} 000000 89 82 ${KEY} 0000 00 80 ${KEY} 80 fe 0080 ${KEY} ${'00'.repeat(128)}` +
    ` 82 ff 0000000000010000 ${KEY} ${'00'.repeat(65536)} 8a 80 ${KEY} 88 82 ${KEY} 0000`;
  const bytes = stream.replaceAll(' ', '').length / 2;
  const whole = scan(stream, 'client');

  it('says the same when every byte comes alone', () => {
    expect(scan(stream, 'client', { cuts: Array.from({ length: bytes }, (_, i) => i) })).toEqual(whole);
  });

  it('says the same when it is cut once, at each byte of its headers', () => {
    for (let cut = 0; cut < 260; cut++) expect(scan(stream, 'client', { cuts: [cut] })).toEqual(whole);
  });

  it('says the same, and faults at the same byte, for any bytes and any cuts', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.array(fc.nat(64), { maxLength: 8 }),
        fc.boolean(),
        fc.boolean(),
        (noise, places, client, deflate) => {
          const side = client ? 'client' : 'server';
          const hex = Buffer.from(noise).toString('hex');
          const cuts = places.filter((p) => p < noise.length).sort((a, b) => a - b);
          expect(scan(hex, side, { deflate, cuts })).toEqual(scan(hex, side, { deflate }));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('incomplete', () => {
  it('is true from the first byte of a frame to the last of its message', () => {
    const scanner = new FrameScanner(false, false);
    const seen: boolean[] = [];
    const step = (hex: string) => {
      walk(scanner, Buffer.from(hex, 'hex'), []);
      seen.push(scanner.incomplete);
    };
    step('01');
    step('01');
    step('61');
    step('8900');
    step('8001');
    step('62');
    expect(seen).toEqual([true, true, true, true, true, false]);
  });
});

describe('a fault in the last byte of a header', () => {
  it.each([
    ['masked', '8180'],
    ['lengthNotMinimal', '817e0005'],
    ['lengthNotMinimal', '827f000000000000ffff'],
  ] as const)('never reaches the payload: %s', (fault, hex) => {
    const scanner = new FrameScanner(false, false);
    scanner.readHeader(Buffer.from(hex, 'hex'), 0);
    expect(scanner.fault).toBe(fault);
    expect(scanner.state).not.toBe(STATE.payload);
  });
});
