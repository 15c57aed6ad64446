import { isToken } from './fields.ts';

/** One element of Sec-WebSocket-Extensions. */
export interface ExtensionOffer {
  readonly name: string;
  /** In order, repetitions kept; `true` for a parameter without a value. */
  readonly parameters: readonly (readonly [name: string, value: string | true])[];
}

/** More than any client offers; a longer list is not worth reading. */
const MAX_OFFERS = 32;
const MAX_PARAMETERS = 32;

/**
 * Reads Sec-WebSocket-Extensions by the grammar of RFC 6455 §9.1: one pass over the text, each character looked at
 * once, so that nothing a client sends takes longer than its length. Undefined if it breaks the grammar.
 */
export function parseExtensions(text: string): ExtensionOffer[] | undefined {
  const offers: ExtensionOffer[] = [];
  for (const element of cut(text, ',')) {
    const [name, ...rest] = cut(element, ';');
    if (name === undefined || !isToken(name)) return undefined;
    const parameters: [string, string | true][] = [];
    for (const each of rest) {
      const parameter = parameterOf(each);
      if (!parameter) return undefined;
      parameters.push(parameter);
    }
    offers.push({ name, parameters });
    if (offers.length > MAX_OFFERS || parameters.length > MAX_PARAMETERS) return undefined;
  }
  return offers;
}

function parameterOf(text: string): [string, string | true] | undefined {
  const equals = text.indexOf('=');
  if (equals < 0) return isToken(text) ? [text, true] : undefined;
  const name = text.slice(0, equals);
  const value = unquoted(text.slice(equals + 1));
  return isToken(name) && value !== undefined && isToken(value) ? [name, value] : undefined;
}

/** A quoted value must be a token once its quotes and backslashes are gone (RFC 6455 §9.1). */
function unquoted(text: string): string | undefined {
  if (!text.startsWith('"')) return text;
  if (text.length < 2 || !text.endsWith('"')) return undefined;
  let value = '';
  for (let i = 1; i < text.length - 1; i++) {
    if (text[i] === '"') return undefined;
    if (text[i] === '\\') i++;
    if (i === text.length - 1) return undefined;
    value += text[i];
  }
  return value;
}

/** Cuts at separators outside of quotes, and takes white space off the pieces. */
function cut(text: string, separator: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '\\' && quoted) i++;
    else if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      pieces.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  pieces.push(text.slice(start).trim());
  return pieces;
}
