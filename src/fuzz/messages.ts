import { encodeFrames, text } from '../audit/probe/frames.ts';
import { type Case, stepOf } from './case.ts';
import type { Random } from './random.ts';
import { type Schema, sample } from './samples.ts';

/** The schema of a message, within the document that its references lead through. */
export interface Described {
  readonly schema: Schema;
  readonly root: Schema;
}

/** What clients may send to an endpoint. */
export interface Messages {
  readonly described: readonly Described[];
  /** A text that an answer holds which refuses a message. */
  readonly refusal: string | undefined;
}

/** Text that no JSON endpoint should stumble over, with its canary. */
const HOSTILE: readonly ((canary: string) => string)[] = [
  (canary) => `{"${canary}":1,"${canary}":2}`,
  (canary) => `{"__proto__":{"${canary}":true}}`,
  (canary) => `{"constructor":{"prototype":{"${canary}":true}}}`,
  () => '['.repeat(20_000),
  () => `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`,
  (canary) => `{"${canary}":1e999999}`,
  (canary) => `{"${canary}":${'9'.repeat(2_000)}}`,
  (canary) => `{"type":"${canary}\\u0000"}`,
  (canary) => `\ufeff{"type":"${canary}"}`,
  (canary) => `{"type":"${canary}"`,
  (canary) => `{"type":["${canary}"]}`,
  () => 'null',
  () => '""',
  () => ' ',
  (canary) => `{"type":"${canary}","text":"${'(a+)+$'.repeat(500)}"}`,
  (canary) => `{"type":"${canary}","text":"\\ud800"}`,
];

/** A message: right, nearly right, or meant ill. */
export function messageCase(random: Random, { described, refusal }: Messages): Case {
  const canary = `zq${random.word(10)}`;
  const kind = random.pick(['right', 'nearly', 'nearly', 'ill'] as const);
  const { schema, root } = random.pick(described);
  const right = sample(random, schema, root);
  const [what, body] =
    kind === 'right'
      ? ['a message that its schema allows', JSON.stringify(right)]
      : kind === 'ill'
        ? ['a message meant ill', random.pick(HOSTILE)(canary)]
        : spoiled(random, right, canary);
  const told = kind === 'nearly' && refusal !== undefined ? { refusal } : {};
  const step = stepOf(
    what!,
    encodeFrames([text(body!)], () => random.bytes(4)),
  );
  return { version: 1, stage: 'open', steps: [step], split: 'none', expected: 'anything', canary, ...told };
}

/** A message that was right, with one thing changed that no schema of a closed contract allows. */
function spoiled(random: Random, right: unknown, canary: string): [string, string] {
  if (typeof right !== 'object' || right === null || Array.isArray(right)) {
    return ['a value of another type', JSON.stringify({ [canary]: right })];
  }
  const names = Object.keys(right);
  const name = names.length > 0 ? random.pick(names) : canary;
  const how = random.pick(['another type', 'a member too many', 'another key'] as const);
  const value = (right as Record<string, unknown>)[name];
  const changed = { ...right } as Record<string, unknown>;
  if (how === 'a member too many') changed[canary] = 1;
  else if (how === 'another type')
    changed[name] = typeof value === 'object' ? 7 : { [canary]: value ?? null };
  else {
    delete changed[name];
    changed[canary] = value ?? null;
  }
  return [`a message with ${how}`, JSON.stringify(changed)];
}
