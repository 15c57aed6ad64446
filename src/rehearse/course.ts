import type { Progress } from '../load/run.ts';
import type { Chronicle } from './chronicle.ts';
import type { Sample } from './evidence.ts';

/** How the load goes, in half seconds. */
export class Course {
  readonly samples: Sample[] = [];
  /** Resolves when all connections are open; then time begins. */
  readonly standing: Promise<void>;
  readonly #chronicle: Chronicle;
  readonly #connections: number;
  readonly #progress: (now: string) => void;
  #stands: () => void = () => {};
  #before: Progress | undefined;

  constructor(chronicle: Chronicle, connections: number, progress: (now: string) => void) {
    this.#chronicle = chronicle;
    this.#connections = connections;
    this.#progress = progress;
    this.standing = new Promise((resolve) => {
      this.#stands = resolve;
    });
  }

  heard(now: Progress): void {
    const before = this.#before ?? now;
    this.#before = now;
    if (!this.#chronicle.begun) {
      if (now.open < this.#connections) return;
      this.#chronicle.begin();
      this.#stands();
      return;
    }
    const { open, p99 } = now;
    const [sent, answered, lost] = [
      now.sent - before.sent,
      now.answered - before.answered,
      now.lost - before.lost,
    ];
    this.samples.push({ at: this.#chronicle.now, open, sent, answered, lost, p99 });
    if (lost > 0) this.#chronicle.note('clients', `${lost} connections are lost`);
    if (before.open < this.#connections && open === this.#connections)
      this.#chronicle.note('clients', 'all connections are open again');
    this.#progress(
      `${this.#chronicle.now.toFixed(1).padStart(6)} s  ${open} open  ${answered} answered  ${lost} lost`,
    );
  }
}
