import type { Allowance, Budget } from './budget.ts';
import type { Target } from './target.ts';

/** How long each kind of silence is waited for, in milliseconds. */
export interface Patience {
  /** For a connection, or the answer to a request. */
  readonly answer: number;
  /** For a server to close after something wrong. */
  readonly verdict: number;
  /** For a server to give up on a handshake that does not get on. */
  readonly handshake: number;
  /** For a server to give up on a message that does not get on. */
  readonly incomplete: number;
  /** For a server to ping, or to end a silent connection. */
  readonly idle: number;
  /** For a server to close after a token has expired. */
  readonly expiry: number;
}

export const DEFAULT_PATIENCE: Patience = {
  answer: 6_000,
  verdict: 2_000,
  handshake: 16_000,
  incomplete: 16_000,
  idle: 36_000,
  expiry: 10_000,
};

/** Of the time that is allowed, this much is for all but waiting and crowds, in seconds. */
const WORK = 17;
/** Crowds of `sockets` connections that are made one after the other. */
const CROWDS = 3;
/** And this much before the first wait can begin. */
const CONNECTING = 4;

/**
 * The usual patience, within the time that is allowed. Who allows more of it wants to see what a silent connection
 * comes to.
 */
export function patienceFor({
  seconds,
  sockets,
  rate,
}: Pick<Allowance, 'seconds' | 'sockets' | 'rate'>): Patience {
  const work = WORK + (CROWDS * sockets) / rate;
  const most = Math.max(1, seconds - CONNECTING) * 1_000;
  const { answer, verdict, handshake, incomplete, idle, expiry } = DEFAULT_PATIENCE;
  return {
    answer: Math.min(answer, most),
    verdict: Math.min(verdict, most),
    handshake: Math.min(handshake, most),
    incomplete: Math.min(incomplete, most),
    idle: Math.min(Math.max(idle, (seconds - work) * 1_000), most),
    expiry: Math.min(expiry, most),
  };
}

/** Which certificates are believed, and which one is shown. */
export interface Trust {
  /** PEM; undefined: those that this Node brings. */
  readonly roots: readonly string[] | undefined;
  /** PEM, for endpoints that ask for a client certificate. */
  readonly client: { readonly cert: string; readonly key: string } | undefined;
}

/** What a probe must know to reach the endpoint. */
export interface Reach {
  readonly target: Target;
  readonly budget: Budget;
  readonly patience: Patience;
  readonly trust: Trust;
}
