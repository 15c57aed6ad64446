import type { Services } from '../store/services.ts';

export interface DialectTraits {
  readonly name: string;
  /** Whether payloads are JSON text. */
  readonly json: boolean;
  /** JSON pointer to the type in what a schema describes (`/type`), where the type is a part of it. */
  readonly typeAt?: string;
  /** The message type that a schema of this name describes (`BootNotificationRequest`), where they differ. */
  schemaType?(name: string): string;
}

/** What a guard, dialect or identity is given when it is built, at load. Building does all checking; running does none. */
export interface RouteContext {
  readonly route: string;
  readonly dialect: DialectTraits;
  /** The subprotocols of the route; empty if it speaks none. */
  readonly protocols: readonly string[];
  /** Whether an identity of the route may take its credential from a cookie: then origins must be named. */
  readonly readsCookie: boolean;
  readonly services: Services;
  /** An absolute path for one written relative to the configuration file. */
  resolve(path: string): string;
  /** Reads a text file relative to the configuration; it is then watched, and a change reloads. */
  read(path: string): string;
  /** The file names of a folder, sorted; the folder is then watched. */
  list(path: string): string[];
}

/**
 * A part of the configuration that cannot be built. `path` is relative to what the kind was given
 * (`['authorize', 0, 'allow']`); the loader adds file and line.
 */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
  readonly problems: readonly OptionsProblem[];

  constructor(problems: readonly OptionsProblem[]) {
    super(problems.map((p) => p.message).join('; '));
    this.problems = problems;
  }
}

export interface OptionsProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Where in another file the fault is (a schema, a CA bundle). */
  readonly file?: string;
  readonly line?: number;
}
