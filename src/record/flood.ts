/** Events that were counted and not logged. */
export interface Suppressed {
  readonly key: string;
  readonly count: number;
  /** How long they took to come, in seconds. */
  readonly seconds: number;
}

interface Window {
  /** Monotonic milliseconds. */
  since: number;
  passed: number;
  suppressed: number;
}

/** Milliseconds. */
const WINDOW = 1_000;

/**
 * Lets the first few of each kind through in a second and counts the rest exactly: what passed and what is reported
 * always add up to what came. Keys must be few: they come from tables, never from a peer.
 */
export class Flood {
  readonly #limit: number;
  readonly #monotonic: () => number;
  readonly #report: (suppressed: Suppressed) => void;
  readonly #windows = new Map<string, Window>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limit: number, monotonic: () => number, report: (suppressed: Suppressed) => void) {
    this.#limit = limit;
    this.#monotonic = monotonic;
    this.#report = report;
  }

  /** Whether this one should be logged. */
  admit(key: string): boolean {
    const now = this.#monotonic();
    let window = this.#windows.get(key);
    if (!window) {
      window = { since: now, passed: 0, suppressed: 0 };
      this.#windows.set(key, window);
    } else if (now - window.since >= WINDOW) {
      this.#renew(key, window, now);
    }
    if (window.passed < this.#limit) {
      window.passed++;
      return true;
    }
    window.suppressed++;
    this.#timer ??= setTimeout(() => this.#tick(), WINDOW).unref();
    return false;
  }

  /** Reports all that is still unsaid. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = this.#monotonic();
    for (const [key, window] of this.#windows) this.#renew(key, window, now);
  }

  /** So that a flood that has stopped is summed up without waiting for the next event. */
  #tick(): void {
    this.#timer = undefined;
    const now = this.#monotonic();
    for (const [key, window] of this.#windows) {
      if (window.suppressed === 0) continue;
      if (now - window.since >= WINDOW) this.#renew(key, window, now);
      else this.#timer ??= setTimeout(() => this.#tick(), WINDOW).unref();
    }
  }

  #renew(key: string, window: Window, now: number): void {
    const { suppressed, since } = window;
    window.since = now;
    window.passed = 0;
    window.suppressed = 0;
    if (suppressed > 0) this.#report({ key, count: suppressed, seconds: (now - since) / 1_000 });
  }
}
