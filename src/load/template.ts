import { randomUUID } from 'node:crypto';

/** What a message template may name. */
export interface Scope {
  /** The virtual user, from 0. */
  readonly user: number;
  /** Counts the messages of all users of this process: with the process, it is unique. */
  readonly serial: number;
  readonly process: number;
}

/** Makes the text of one message. */
export type Template = (scope: Scope) => string;

type Part = (argument: string) => Template | undefined;

const MAX_TEXT = 1_048_576;

/** Every variable, by name; what stands behind a colon in the braces is its argument. */
const PARTS: Readonly<Record<string, Part>> = {
  id: () => idOf,
  user:
    () =>
    ({ user }) =>
      String(user),
  serial:
    () =>
    ({ serial }) =>
      String(serial),
  now: () => () => String(Date.now()),
  uuid: () => () => randomUUID(),
  /** So many letters. */
  text: (argument) => {
    const length = Number(argument);
    if (!/^\d+$/.test(argument) || length > MAX_TEXT) return undefined;
    const letters = 'abcdefghijklmnopqrstuvwxyz'.repeat(Math.ceil(length / 26)).slice(0, length);
    return () => letters;
  },
  /** A whole number from the first to the last, both included. */
  number: (argument) => {
    const [, from, to] = /^(\d+)-(\d+)$/.exec(argument) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (from === undefined || !(last >= first)) return undefined;
    return () => String(first + Math.floor(Math.random() * (last - first + 1)));
  },
  /** One of several words. */
  pick: (argument) => {
    const words = argument.split('|');
    return words.length > 1 ? () => words[Math.floor(Math.random() * words.length)]! : undefined;
  },
};

export const VARIABLES = Object.keys(PARTS);

/** What `{id}` becomes: unique to the message. */
export function idOf({ process, serial }: Scope): string {
  return `${process.toString(36)}-${serial.toString(36)}`;
}

/** @throws RangeError for a variable that there is not. Braces that hold none are text: JSON is full of them. */
export function templateOf(text: string): Template {
  const parts: Template[] = [];
  let plain = '';
  for (const [whole, name, argument] of text.matchAll(/\{([a-z]+)(?::([^{}]*))?\}|[^{]+|\{/g)) {
    if (name === undefined) {
      plain += whole;
      continue;
    }
    const part = PARTS[name]?.(argument ?? '');
    if (!part) throw new RangeError(`${whole} is no variable of a template: ${VARIABLES.join(', ')}`);
    const before = plain;
    plain = '';
    parts.push(() => before, part);
  }
  const rest = plain;
  return (scope) => parts.map((part) => part(scope)).join('') + rest;
}
