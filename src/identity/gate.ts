/** Lets a few tasks run at a time and a bounded number wait, in order. */
export class Gate {
  readonly #width: number;
  readonly #queue: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param width How many run at once. @param queue How many may wait. */
  constructor(width: number, queue: number) {
    this.#width = width;
    this.#queue = queue;
  }

  /** The task's result, or undefined, without running it, if too many wait already. */
  async run<T>(task: () => Promise<T>): Promise<T | undefined> {
    if (this.#running >= this.#width) {
      if (this.#waiting.length >= this.#queue) return undefined;
      // Whoever leaves hands its place on, so `#running` stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
