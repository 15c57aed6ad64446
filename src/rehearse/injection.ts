/** A fault that was injected. */
export interface Injection {
  /** What was done, for the time line. */
  readonly said: string;
  /** Takes it back, and says how. */
  end(): Promise<string>;
  /** Lets go of what would go on when the rehearsal is over, or was interrupted. */
  drop?(): void | Promise<void>;
}
