/**
 * Gives everyone the same time, and tells of those who took longer. One timer for all: who came first is late first,
 * so only the head of the line is ever looked at.
 */
export class Patience<T> {
  /** Milliseconds; a change holds for those who come after it. */
  milliseconds: number;
  readonly #onLate: (late: T) => void;
  /** When each is late, in monotonic milliseconds, in order of arrival. */
  readonly #waiting = new Map<T, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number, onLate: (late: T) => void) {
    this.milliseconds = milliseconds;
    this.#onLate = onLate;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(one: T): void {
    this.#waiting.set(one, performance.now() + this.milliseconds);
    if (!this.#timer) this.#arm(this.milliseconds);
  }

  delete(one: T): void {
    this.#waiting.delete(one);
  }

  /** Stops waiting for anybody. */
  clear(): void {
    this.#waiting.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#look(), milliseconds).unref();
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [one, until] of this.#waiting) {
      if (until > now) {
        this.#arm(until - now);
        return;
      }
      this.#waiting.delete(one);
      this.#onLate(one);
    }
  }
}
