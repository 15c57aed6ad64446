import type { Answer } from './probe/answer.ts';
import type { Asker } from './probe/ask.ts';

/** How the user proves who they are, for the checks of identity. Nothing of it is ever reported. */
export interface Credentials {
  /** One that was good once. */
  readonly expiredToken: string | undefined;
  /** Gives a ticket that may be used once. */
  readonly ticket: (() => Promise<string>) | undefined;
  /** The query parameter that a ticket goes into. */
  readonly ticketParameter: string;
}

/** How long to hold sockets open while the certificate is renewed, and how often to connect anew. */
export interface Watch {
  /** Milliseconds. */
  readonly duration: number;
  /** Milliseconds between connections. */
  readonly interval: number;
  /** Held open all the time. */
  readonly sockets: number;
}

/** What a check works with. */
export interface Context extends Asker {
  readonly credentials: Credentials;
  readonly watch: Watch | undefined;
  /** Aborted when the user has seen enough. */
  readonly signal: AbortSignal;
  /** Called with what is worth knowing at once, in one line. */
  readonly notify: (line: string) => void;
  /** The answer to an upgrade that is right in every way. */
  readonly opening: Answer;
  /** The answer to the same without the credential. */
  readonly anonymous: Answer;
  /** What several checks want to know is asked once. */
  once<T>(what: string, ask: () => Promise<T>): Promise<T>;
}

/** For `Context.once`. A question that failed fails for all who ask it. */
export function memory(): Context['once'] {
  const known = new Map<string, Promise<unknown>>();
  return <T>(what: string, ask: () => Promise<T>): Promise<T> => {
    const answer = known.get(what) ?? ask();
    known.set(what, answer);
    return answer as Promise<T>;
  };
}
