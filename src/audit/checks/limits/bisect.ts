/** Where something begins to be refused: `letIn` is, `refused` is not any more. */
export interface Bound {
  readonly letIn: number;
  readonly refused: number;
}

/** Searches between what is let in and what is refused, with so many questions at most. */
export async function bisect(
  { letIn, refused }: Bound,
  steps: number,
  refuses: (value: number) => Promise<boolean>,
): Promise<Bound> {
  for (let step = 0; step < steps && refused - letIn > 1; step++) {
    const middle = guess(letIn, refused);
    if (await refuses(middle)) refused = middle;
    else letIn = middle;
  }
  return { letIn, refused };
}

/** Powers of two first, and one more than each: that is where limits are. Then halves. */
function guess(low: number, high: number): number {
  const bits = low.toString(2).length;
  const top = (high - 1).toString(2).length;
  if (top - bits > 1) return 2 ** Math.floor((bits + top) / 2);
  const power = 2 ** bits;
  if (low < power && power < high) return power;
  if (low === power / 2 && low + 1 < high) return low + 1;
  return Math.floor((low + high) / 2);
}

const KIB = 1_024;

/** A size as people write it. */
export function sizeText(bytes: number): string {
  if (bytes >= KIB * KIB && bytes % KIB === 0) return `${Number((bytes / KIB / KIB).toFixed(2))} MiB`;
  return bytes >= KIB && bytes % KIB === 0 ? `${bytes / KIB} KiB` : `${bytes.toLocaleString('en')} bytes`;
}

/** A bound in words: `messages of 64 KiB are let in, larger ones end the connection`. */
export function boundText(what: string, { letIn, refused }: Bound): string {
  const larger = refused === letIn + 1 ? 'larger ones' : `those of ${sizeText(refused)}`;
  return `${what} ${sizeText(letIn)} are let in, ${larger} end the connection`;
}
