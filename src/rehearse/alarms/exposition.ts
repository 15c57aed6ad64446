/** Names and values; the name of a metric is not among them. */
export type Labels = Readonly<Record<string, string>>;

/** One series of a scrape, and its value. */
export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Reads the Prometheus text format 0.0.4, only these metrics of it. A line that is not understood is left out. */
export function samplesIn(text: string, wanted: ReadonlySet<string>): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const [, name, labels, value] = LINE.exec(line) ?? [];
    if (name === undefined || !wanted.has(name)) continue;
    samples.push({ name, labels: labelsIn(labels ?? ''), value: numberOf(value!) });
  }
  return samples;
}

function labelsIn(text: string): Labels {
  const pairs = [...text.matchAll(LABEL)].map(([, name, value]) => [name!, unescaped(value!)] as const);
  return Object.fromEntries(pairs);
}

function unescaped(value: string): string {
  return value.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
}

function numberOf(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}
