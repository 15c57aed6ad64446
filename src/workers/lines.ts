import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** A line that is longer is no log line of ours, in characters; it is dropped. */
const LONGEST = 1_048_576;

/** Takes what a worker writes and passes it on in whole lines; a line that was cut off by its end is dropped. */
export class Lines extends Writable {
  readonly #pass: (lines: string, next: () => void) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  /** The line under way was too long already. */
  #skipping = false;

  /** `pass` calls its `next` when there is room for more. */
  constructor(pass: (lines: string, next: () => void) => void) {
    super();
    this.#pass = pass;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const text = this.#rest + this.#decoder.write(chunk);
    const begin = this.#skipping ? text.indexOf('\n') + 1 : 0;
    const end = text.lastIndexOf('\n') + 1;
    this.#rest = text.slice(end);
    if (end > 0) this.#skipping = false;
    if (this.#rest.length > LONGEST) this.#skipping = true;
    if (this.#skipping) this.#rest = '';
    if (begin >= end) done();
    else this.#pass(text.slice(begin, end), done);
  }
}
