/** What an audit may spend in all. Low by default: a production endpoint should hardly notice. */
export interface Allowance {
  /** TCP connections, one after the other. */
  readonly connections: number;
  /** TCP connections a second. */
  readonly rate: number;
  /** WebSocket messages that the application behind the endpoint gets to see. */
  readonly messages: number;
  /** Sent, in bytes. */
  readonly bytes: number;
  /** Connections held at once to look for a limit: open, silent, or cut while they open. */
  readonly sockets: number;
  /** For everything but `--watch`, in seconds. */
  readonly seconds: number;
}

export const DEFAULT_ALLOWANCE: Allowance = {
  connections: 500,
  rate: 15,
  messages: 100,
  bytes: 8_388_608, // 8 MiB
  sockets: 25,
  seconds: 58,
};

/** What each part of the allowance means, for `--help` and docs. */
export const ALLOWANCE_HELP: Readonly<Record<keyof Allowance, string>> = {
  connections: 'TCP connections in all',
  rate: 'TCP connections a second',
  messages: 'messages that the application gets to see',
  bytes: 'bytes sent in all',
  sockets: 'connections held at once in search of a limit, silent and cut ones too',
  seconds: 'time, without --watch',
};

/** A part of the budget is used up: what was under way cannot say anything. */
export class BudgetSpent extends Error {
  override readonly name = 'BudgetSpent';
}

/** Counts what is spent, and says no. */
export class Budget {
  readonly allowance: Allowance;
  readonly spent = { connections: 0, messages: 0, bytes: 0 };
  readonly #began = performance.now();
  readonly #more = { milliseconds: 0, connections: 0 };
  #nextConnection = 0;

  constructor(allowance: Allowance = DEFAULT_ALLOWANCE) {
    this.allowance = allowance;
  }

  /** @throws BudgetSpent */
  take(kind: keyof Budget['spent'], amount: number): void {
    const more = kind === 'connections' ? this.#more.connections : 0;
    if (this.spent[kind] + amount > this.allowance[kind] + more) {
      throw new BudgetSpent(`the budget of ${this.allowance[kind]} ${kind} is spent`);
    }
    this.spent[kind] += amount;
  }

  /** Waits for the turn of one more connection. @throws BudgetSpent */
  async connection(): Promise<void> {
    if (this.left() <= 0) throw new BudgetSpent(`the ${this.allowance.seconds} seconds are over`);
    this.take('connections', 1);
    const now = performance.now();
    const turn = Math.max(now, this.#nextConnection);
    this.#nextConnection = turn + 1_000 / this.allowance.rate;
    if (turn > now) await new Promise((resolve) => setTimeout(resolve, turn - now));
  }

  /** Allows more: for what the user asked for beside the usual. */
  extend(milliseconds: number, connections: number): void {
    this.#more.milliseconds += milliseconds;
    this.#more.connections += connections;
  }

  /** Milliseconds since the audit began. */
  elapsed(): number {
    return performance.now() - this.#began;
  }

  /** Milliseconds that are left. */
  left(): number {
    return this.allowance.seconds * 1_000 + this.#more.milliseconds - this.elapsed();
  }
}
