import type { Check } from '../../check.ts';
import { more, ping, text } from '../../probe/frames.ts';
import { mustClose } from './bad-frames.ts';

const MEND =
  'Fail the connection with 1002 (RFC 6455 §7.1.7), or put a gateway in front that reads frames strictly.';
const CONFUSED =
  'Two readers of one stream (a proxy, an inspecting firewall, the server) that read such a frame differently see different messages.';

/** Of single frames and their order: RFC 6455 §5.1 to §5.5. */
export const FRAMING_CHECKS: readonly Check[] = [
  mustClose({
    id: 'mask-required',
    title: 'A client frame without a mask ends the connection',
    weight: 'high',
    standard: 'RFC 6455 §5.1',
    why: 'Masking keeps a page from writing bytes of its choice to the wire, which poisoned the caches of proxies.',
    mend: MEND,
    code: 1002,
    variants: [['an unmasked text frame', [text('sallyport-audit', { unmasked: true })]]],
  }),
  mustClose({
    id: 'reserved-bits',
    title: 'Reserved bits end the connection',
    weight: 'medium',
    standard: 'RFC 6455 §5.2',
    why: `No extension was negotiated that gives them a meaning. ${CONFUSED}`,
    mend: MEND,
    code: 1002,
    variants: [
      ['RSV1', [text('', { rsv: 4 })]],
      ['RSV2', [text('', { rsv: 2 })]],
      ['RSV3', [text('', { rsv: 1 })]],
    ],
  }),
  mustClose({
    id: 'reserved-opcodes',
    title: 'Reserved opcodes end the connection',
    weight: 'medium',
    standard: 'RFC 6455 §5.2',
    why: `Nobody knows what they will mean. ${CONFUSED}`,
    mend: MEND,
    code: 1002,
    variants: [
      ['opcode 3', [{ opcode: 3 }]],
      ['opcode 11', [{ opcode: 11 }]],
    ],
  }),
  mustClose({
    id: 'control-frames',
    title: 'Control frames are short and whole',
    weight: 'medium',
    standard: 'RFC 6455 §5.5',
    why: 'Control frames are answered out of turn, so they must fit into a small, fixed space; long ones are an amplifier.',
    mend: MEND,
    code: 1002,
    variants: [
      ['a Ping of 126 bytes', [ping(Buffer.alloc(126))]],
      ['a Ping that is a fragment', [ping('', { fin: false })]],
    ],
  }),
  mustClose({
    id: 'fragment-order',
    title: 'Fragments follow one another, and messages do not overlap',
    weight: 'medium',
    standard: 'RFC 6455 §5.4',
    why: CONFUSED,
    mend: MEND,
    code: 1002,
    variants: [
      ['a continuation of nothing', [more('')]],
      ['a message inside another', [text('', { fin: false }), text('')]],
    ],
  }),
  mustClose({
    id: 'length-high-bit',
    title: 'A 64-bit length is below 2^63',
    weight: 'high',
    standard: 'RFC 6455 §5.2',
    why: 'Read as a signed number it is negative: that has crashed servers and overrun buffers (CVE-2020-13935, CVE-2020-27813).',
    mend: MEND,
    code: 1002,
    desynchronised: true,
    variants: [['a length of 2^63', [text('', { declares: 0x8000_0000_0000_0000n })]]],
  }),
  mustClose({
    id: 'length-minimal',
    title: 'A length has its shortest form',
    weight: 'low',
    standard: 'RFC 6455 §5.2',
    why: CONFUSED,
    mend: MEND,
    code: 1002,
    variants: [
      ['0 bytes as a 16-bit length', [text('', { lengthBits: 16 })]],
      ['0 bytes as a 64-bit length', [text('', { lengthBits: 64 })]],
    ],
  }),
];
