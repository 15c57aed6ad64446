import type { Field } from '../login.ts';
import type { Wire } from './wire.ts';

/** The head of an HTTP answer, read leniently. */
export interface Head {
  readonly kind: 'head';
  readonly status: number;
  /** As they came, names in lower case. */
  readonly fields: readonly Field[];
  /** From the last byte sent to the end of the head, in milliseconds. */
  readonly ms: number;
}

/** What came of a request: a head, the end of the connection, nothing, or something that is not HTTP. */
export type Answer = Head | { readonly kind: 'ended' | 'silent' | 'noise'; readonly ms: number };

/** Longest head that is read, in bytes. */
const MAX_HEAD = 65_536;

/** Reads one head; what follows it stays in the wire. */
export async function readAnswer(wire: Wire, milliseconds: number): Promise<Answer> {
  const began = performance.now();
  const end = await wire.until((each) => endOf(each), milliseconds);
  const ms = performance.now() - began;
  if (end === undefined) return { kind: 'silent', ms };
  if (end < 0) return { kind: wire.held.length > 0 ? 'noise' : 'ended', ms };
  const [start = '', ...lines] = wire.take(end).toString('latin1').trimEnd().split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(start)?.[1];
  if (status === undefined) return { kind: 'noise', ms };
  return { kind: 'head', status: Number(status), fields: lines.map(fieldOf), ms };
}

/** Where the head ends; -1 if it never will. */
function endOf(wire: Wire): number | undefined {
  const at = wire.held.indexOf('\r\n\r\n');
  if (at >= 0) return at + 4;
  return wire.ending !== 'open' || wire.held.length > MAX_HEAD ? -1 : undefined;
}

function fieldOf(line: string): Field {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/** All values of a field. */
export function valuesOf(answer: Answer, name: string): string[] {
  return answer.kind === 'head'
    ? answer.fields.filter(([each]) => each === name).map(([, value]) => value)
    : [];
}

/** Whether the endpoint agreed to speak WebSocket. */
export function isOpened(answer: Answer): boolean {
  return answer.kind === 'head' && answer.status === 101;
}

const WORDS = { ended: 'connection closed', silent: 'no answer', noise: 'bytes that are not HTTP' } as const;

/** In a few words, for reports. */
export function answerText(answer: Answer): string {
  return answer.kind === 'head' ? String(answer.status) : WORDS[answer.kind];
}
