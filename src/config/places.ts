import type { ConfigPath } from './problem.ts';

/** Both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where in the file each key and value stands. */
export class Places {
  readonly #keys = new Map<string, Place>();
  readonly #values = new Map<string, Place>();

  note(path: ConfigPath, key: Place | undefined, value: Place): void {
    const at = keyOf(path);
    if (key) this.#keys.set(at, key);
    this.#values.set(at, value);
  }

  /** Where the value stands; if there is none, where the closest part around it is named. */
  ofValue(path: ConfigPath): Place {
    return this.#values.get(keyOf(path)) ?? this.ofKey(path);
  }

  /** Where the key stands, or the value if it has none; the closest part around it if it is not in the file. */
  ofKey(path: ConfigPath): Place {
    for (let length = path.length; length > 0; length--) {
      const at = keyOf(path.slice(0, length));
      const place = this.#keys.get(at) ?? this.#values.get(at);
      if (place) return place;
    }
    return { line: 1, column: 1 };
  }
}

/** A number and the text of that number are different steps. */
function keyOf(path: ConfigPath): string {
  return path.map((step) => `${typeof step === 'number' ? '#' : '.'}${step}`).join('\0');
}
