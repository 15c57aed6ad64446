import { close, encodeFrames, type FrameSpec, more, ping, text } from '../audit/probe/frames.ts';
import { OPCODE } from '../protocol/frames.ts';
import { type Case, type Expectation, type Stage, type Step, stepOf } from './case.ts';
import type { Random } from './random.ts';

/** Something to send on an open socket: frames, and what a right server does about them (RFC 6455). */
interface Move {
  readonly what: string;
  readonly expected: Expectation;
  frames(random: Random, canary: string): readonly FrameSpec[];
}

const PROTOCOL_ERROR: Expectation = { closes: [1002] };
const NOT_TEXT: Expectation = { closes: [1007] };

const breaks = (what: string, expected: Expectation, frames: Move['frames']): Move => ({
  what,
  expected,
  frames,
});
const fine = (what: string, frames: Move['frames']): Move => ({ what, expected: 'goes on', frames });

/** What may stand between messages and leaves the connection as it was. Nothing of it reaches the application. */
const HARMLESS: readonly Move[] = [
  fine('a ping', (random) => [ping(random.bytes(random.int(0, 125)))]),
  fine('a pong nobody asked for', (random) => [
    { opcode: OPCODE.pong, payload: random.bytes(random.int(0, 125)) },
  ]),
];

/** What no connection survives, between messages. */
const BREAKING: readonly Move[] = [
  breaks('an unmasked frame', PROTOCOL_ERROR, (_, canary) => [text(canary, { unmasked: true })]),
  breaks('an unmasked ping', PROTOCOL_ERROR, () => [ping('', { unmasked: true })]),
  breaks('a reserved bit', PROTOCOL_ERROR, (random, canary) => [text(canary, { rsv: random.int(1, 3) })]),
  breaks('a reserved bit on a ping', PROTOCOL_ERROR, (random) => [ping('', { rsv: random.int(1, 7) })]),
  breaks('a reserved opcode', PROTOCOL_ERROR, (random, canary) => [
    { opcode: random.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), payload: Buffer.from(canary) },
  ]),
  breaks('a long ping', PROTOCOL_ERROR, (random) => [ping(random.bytes(126))]),
  breaks('a fragmented ping', PROTOCOL_ERROR, () => [ping('x', { fin: false })]),
  breaks('a continuation of nothing', PROTOCOL_ERROR, (_, canary) => [more(canary)]),
  breaks('a message within a message', PROTOCOL_ERROR, (_, canary) => [
    text('a', { fin: false }),
    text(canary),
  ]),
  breaks('a length that is not minimal', PROTOCOL_ERROR, (random) => [
    text('short', { lengthBits: random.pick([16, 64] as const) }),
  ]),
  breaks('the highest bit of a length', PROTOCOL_ERROR, (_, canary) => [
    text(canary, { declares: 1n << 63n, lengthBits: 64 }),
  ]),
  breaks('text that is not UTF-8', NOT_TEXT, (random) => [
    text(Buffer.from(random.pick(['ff', 'c0af', 'eda080', 'f4908080', 'e282', '80']), 'hex')),
  ]),
  breaks('text that is not UTF-8, in two fragments', NOT_TEXT, () => [
    text(Buffer.from('e2', 'hex'), { fin: false }),
    more(Buffer.from('28a1', 'hex')),
  ]),
  breaks('a Close of one byte', PROTOCOL_ERROR, () => [{ opcode: OPCODE.close, payload: Buffer.from([3]) }]),
  breaks('a Close with a code that may not be sent', PROTOCOL_ERROR, (random, canary) => [
    close(random.pick([0, 999, 1004, 1005, 1006, 1015, 2_999, 5_000, 65_535]), canary),
  ]),
  breaks('a Close whose reason is not UTF-8', NOT_TEXT, () => [close(1000, Buffer.from('ff', 'hex'))]),
];

/** What may be sent when a Close is on its way: the connection must end, in whichever way. */
const AFTERWARDS: readonly Move[] = [
  ...HARMLESS,
  ...BREAKING,
  breaks('a second Close', 'anything', () => [close(1000)]),
];

/** Frames on an open socket, in three states: between messages, amid a fragmented one, and after our Close. */
export function streamCase(random: Random): Case {
  const canary = `zq${random.word(10)}`;
  const stage: Stage = random.pick(['open', 'open', 'mid-fragment', 'closing']);
  const steps: Step[] = [];
  const send = (what: string, frames: readonly FrameSpec[], essential: boolean): void => {
    steps.push(
      stepOf(
        what,
        encodeFrames(frames, () => random.bytes(4)),
        essential,
      ),
    );
  };
  const add = ({ what, frames }: Move, essential = false): void => {
    send(what, frames(random, canary), essential);
  };
  if (stage === 'mid-fragment') send('the beginning of a message', [text('a', { fin: false })], true);
  if (stage === 'closing') send('a Close', [close(1000, canary)], true);
  for (let i = random.int(0, 3); i > 0; i--) add(random.pick(HARMLESS));
  let expected: Expectation = stage === 'closing' ? { closes: [1000] } : 'goes on';
  if (stage === 'closing') {
    for (let i = random.int(0, 3); i > 0; i--) add(random.pick(AFTERWARDS));
  } else if (random.chance(0.85)) {
    const last = random.pick(stage === 'open' ? BREAKING : BREAKING.filter(isAlsoAmid));
    add(last, true);
    expected = last.expected;
  }
  if (steps.length === 0) add(HARMLESS[0]!);
  return {
    version: 1,
    stage,
    steps,
    split: random.pick(['none', 'steps', 'bytes'] as const),
    expected,
    canary,
  };
}

/** Amid a message, what begins another breaks the protocol in one more way, and a continuation is right. */
function isAlsoAmid({ what }: Move): boolean {
  return !/continuation|UTF-8|within/.test(what) || /Close/.test(what);
}

/** The bytes of another case, changed anywhere: then nobody knows what a right server does, only that it goes on. */
export function noise(random: Random, { steps, canary, ...rest }: Case): Case {
  let whole = Buffer.concat(steps.map(({ bytes }) => Buffer.from(bytes, 'base64')));
  const what: string[] = [];
  for (let i = random.int(1, 4); i > 0; i--) {
    const at = random.int(0, Math.max(0, whole.length - 1));
    const [before, behind] = [whole.subarray(0, at), whole.subarray(at)];
    const how = random.pick(['flipped', 'inserted', 'deleted', 'repeated'] as const);
    what.push(`${how} at ${at}`);
    if (how === 'flipped')
      whole = Buffer.concat([
        before,
        Buffer.from([(behind[0] ?? 0) ^ (1 << random.int(0, 7))]),
        behind.subarray(1),
      ]);
    else if (how === 'inserted') whole = Buffer.concat([before, random.bytes(random.int(1, 8)), behind]);
    else if (how === 'deleted') whole = Buffer.concat([before, behind.subarray(random.int(1, 8))]);
    else whole = Buffer.concat([before, behind.subarray(0, 64), behind]);
  }
  const step = stepOf(`${steps.map((each) => each.what).join(', ')}; ${what.join(', ')}`, whole);
  return { ...rest, steps: [step], split: 'none', expected: 'anything', canary };
}
