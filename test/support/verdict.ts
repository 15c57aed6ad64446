/** What a reader made of a stream: what it let through, and how it ended. Comparable by `sameVerdict`. */
export interface Verdict {
  /** `text` or `binary` and the payload as hex, one line each. */
  readonly messages: readonly string[];
  /** Payloads of the pings that were answered, as hex. */
  readonly pongs: readonly string[];
  readonly end: 'open' | 'closed' | 'failed';
  /** Of a Close that was read (1005: empty) or a failure that is declared; 0 while open. */
  readonly code: number;
}

export function line(binary: boolean, payload: Uint8Array): string {
  return `${binary ? 'binary' : 'text'} ${Buffer.from(payload).toString('hex')}`;
}

export function sameVerdict(a: Verdict, b: Verdict): boolean {
  return (
    a.end === b.end && a.code === b.code && sameLines(a.messages, b.messages) && sameLines(a.pongs, b.pongs)
  );
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}
