import { isTokenChar } from './tokens.ts';

/** The extension's name in Sec-WebSocket-Extensions (RFC 7692 section 7). */
const NAME = 'permessage-deflate';

export interface Negotiated {
  readonly accepted: boolean;
  /** The value of the answer's Sec-WebSocket-Extensions; empty if nothing was accepted. */
  readonly response: string;
}

const DECLINED: Negotiated = { accepted: false, response: '' };

/** One extension as offered; a parameter without a value is `true`. */
interface Offer {
  readonly name: string;
  readonly parameters: readonly (readonly [name: string, value: string | true])[];
}

/**
 * Answers an offer of permessage-deflate (RFC 7692 section 7.1). The first offer that can be accepted is; one with an
 * unknown, repeated or invalid parameter is declined, and so is everything if the header breaks its grammar.
 *
 * We inflate each message by itself and never send a compressed one, so the answer always says
 * `client_no_context_takeover`, and agrees to whatever window the client asks of us.
 */
export function negotiateDeflate(offer: string): Negotiated {
  const offers = parseExtensions(offer);
  if (offers === undefined) return DECLINED;
  for (const { name, parameters } of offers) {
    const response = name === NAME ? answer(parameters) : undefined;
    if (response !== undefined) return { accepted: true, response };
  }
  return DECLINED;
}

/** The answer to one offer, or undefined to decline it. */
function answer(parameters: Offer['parameters']): string | undefined {
  const seen = new Set<string>();
  let window = '';
  for (const [name, value] of parameters) {
    if (seen.has(name)) return undefined; // RFC 7692 §7.1: a name at most once
    seen.add(name);
    switch (name) {
      case 'server_no_context_takeover':
      case 'client_no_context_takeover':
        if (value !== true) return undefined;
        break;
      case 'client_max_window_bits': // a hint with or without a value (§7.1.2.2); inflate takes any window
        if (value !== true && !isWindow(value)) return undefined;
        break;
      case 'server_max_window_bits': // §7.1.2.1: the answer repeats it
        if (value === true || !isWindow(value)) return undefined;
        window = `; server_max_window_bits=${value}`;
        break;
      default:
        return undefined;
    }
  }
  return `${NAME}; server_no_context_takeover; client_no_context_takeover${window}`;
}

/** 8 to 15, without a leading zero (RFC 7692 section 7.1.2). */
function isWindow(value: string): boolean {
  return /^(?:[89]|1[0-5])$/.test(value);
}

/**
 * Reads Sec-WebSocket-Extensions by its grammar (RFC 6455 section 9.1) in one pass without going back; undefined if it
 * does not hold. A quoted value must be a token once its quotes and backslashes are off.
 */
export function parseExtensions(header: string): readonly Offer[] | undefined {
  const reader = new Reader(header);
  const offers: Offer[] = [];
  do {
    const name = reader.token();
    if (name === undefined) return undefined;
    const parameters: [string, string | true][] = [];
    while (reader.take(';')) {
      const parameter = reader.token();
      if (parameter === undefined) return undefined;
      const value = reader.take('=') ? reader.value() : true;
      if (value === undefined) return undefined;
      parameters.push([parameter, value]);
    }
    offers.push({ name, parameters });
  } while (reader.take(','));
  return reader.done ? offers : undefined;
}

/** Walks over a header value; spaces and tabs may stand before and after each piece. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#space();
  }

  get done(): boolean {
    return this.#at === this.#text.length;
  }

  take(mark: string): boolean {
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    this.#space();
    return true;
  }

  token(): string | undefined {
    const from = this.#at;
    while (isTokenChar(this.#text.charCodeAt(this.#at))) this.#at++;
    const token = this.#text.slice(from, this.#at);
    this.#space();
    return token === '' ? undefined : token;
  }

  value(): string | undefined {
    return this.#text[this.#at] === '"' ? this.#quoted() : this.token();
  }

  #quoted(): string | undefined {
    let value = '';
    for (let i = this.#at + 1; i < this.#text.length; i++) {
      if (this.#text[i] === '"') {
        this.#at = i + 1;
        this.#space();
        return value === '' ? undefined : value;
      }
      if (this.#text[i] === '\\') i++;
      if (!isTokenChar(this.#text.charCodeAt(i))) return undefined;
      value += this.#text[i];
    }
    return undefined;
  }

  #space(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at++;
  }
}
