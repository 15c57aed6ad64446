import { Writable } from 'node:stream';

/** A line that is longer is no log line of ours, in characters. */
const LONGEST = 1_048_576;

/** Takes what a worker writes and passes it on in whole lines; a line that was cut off by its end is dropped. */
export class Lines extends Writable {
  readonly #pass: (lines: string, next: () => void) => void;
  #rest = '';

  /** `pass` calls its `next` when there is room for more. */
  constructor(pass: (lines: string, next: () => void) => void) {
    super({ decodeStrings: false, defaultEncoding: 'utf8' });
    this.#pass = pass;
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    const text = this.#rest + chunk;
    const end = text.lastIndexOf('\n') + 1;
    this.#rest = text.slice(end);
    if (this.#rest.length > LONGEST) this.#rest = '';
    if (end === 0) done();
    else this.#pass(text.slice(0, end), done);
  }
}
