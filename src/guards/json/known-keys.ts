const QUOTE = 0x22;

/** Keys that are known at a time. */
const CAPACITY = 1_024;
/** Longer ones are not learnt, in characters. */
const MAX_LENGTH = 64;

/** Two readers take these for more than keys; the scanner judges them. */
const UNSAFE: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** A key that was seen before. The keys of one message are equal only if they are the same object. */
export class KnownKey {
  readonly text: string;
  /** What came behind it the last time, in the order of a text. */
  next: KnownKey | undefined = undefined;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * The keys of messages that were read, so that the next message of the same form makes no strings for its keys: what
 * comes next is guessed from what came next the last time.
 */
export class KnownKeys {
  readonly #byText = new Map<string, KnownKey>();
  readonly #before = new KnownKey('');
  #last = this.#before;

  /** A text begins. */
  begin(): void {
    this.#last = this.#before;
  }

  /** The key between the quote before `start` and the next, if it is the one that is expected. */
  guess(bytes: Buffer, start: number): KnownKey | undefined {
    const expected = this.#last.next;
    if (expected === undefined) return undefined;
    const { text } = expected;
    if (bytes[start + text.length] !== QUOTE) return undefined;
    for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return undefined;
    this.#last = expected;
    return expected;
  }

  /** The key in `bytes[start..end)`, which is plain; undefined for one that is not to be learnt. */
  find(bytes: Buffer, start: number, end: number): KnownKey | undefined {
    if (end < start || end - start > MAX_LENGTH) return undefined;
    const text = bytes.toString('latin1', start, end);
    const key = this.#byText.get(text) ?? this.#learn(text);
    if (key === undefined) return undefined;
    this.#last.next = key;
    this.#last = key;
    return key;
  }

  #learn(text: string): KnownKey | undefined {
    if (UNSAFE.has(text)) return undefined;
    if (this.#byText.size === CAPACITY) {
      // Those in use are learnt again, from the next text on: in this one, a key must not be two objects.
      this.#byText.clear();
      this.#before.next = undefined;
      return undefined;
    }
    const key = new KnownKey(text);
    this.#byText.set(text, key);
    return key;
  }
}
