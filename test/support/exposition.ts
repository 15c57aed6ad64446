/** One line of the text exposition format: a series and its value. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly series: readonly Series[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|(?=\}))/;
const NUMBER = /^ (-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|\+Inf|NaN)$/;

/** Reads the Prometheus text format 0.0.4 strictly: anything it does not expect is an error with the line. */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, Family & { series: Series[] }>();
  let open: (Family & { series: Series[] }) | undefined;
  let help: { name: string; help: string } | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
    if (comment) {
      const [, kind, name = '', rest = ''] = comment;
      if (kind === 'HELP') {
        help = { name, help: rest };
      } else {
        if (help?.name !== name) throw new Error(`TYPE without its HELP: ${line}`);
        if (families.has(name)) throw new Error(`a family twice: ${line}`);
        if (!['counter', 'gauge', 'histogram'].includes(rest)) throw new Error(`type: ${line}`);
        open = { name, help: help.help, type: rest, series: [] };
        families.set(name, open);
      }
      continue;
    }
    const series = parseSeries(line);
    if (!open || !belongs(series.name, open)) throw new Error(`outside its family: ${line}`);
    open.series.push(series);
  }
  for (const family of families.values()) checkFamily(family);
  return families;
}

function parseSeries(line: string): Series {
  const name = NAME.exec(line)?.[0];
  if (!name) throw new Error(`no name: ${line}`);
  let rest = line.slice(name.length);
  const labels: Record<string, string> = {};
  if (rest.startsWith('{')) {
    rest = rest.slice(1);
    while (!rest.startsWith('}')) {
      const label = LABEL.exec(rest);
      if (!label) throw new Error(`label: ${line}`);
      const [whole, key = '', value = ''] = label;
      if (Object.hasOwn(labels, key)) throw new Error(`label twice: ${line}`);
      labels[key] = value.replace(/\\(["\\n])/g, (_, c: string) => (c === 'n' ? '\n' : c));
      rest = rest.slice(whole.length);
    }
    rest = rest.slice(1);
  }
  const value = NUMBER.exec(rest)?.[1];
  if (value === undefined) throw new Error(`value: ${line}`);
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) };
}

function belongs(name: string, { name: family, type }: Family): boolean {
  if (type !== 'histogram') return name === family;
  return [`${family}_bucket`, `${family}_sum`, `${family}_count`].includes(name);
}

function checkFamily({ name, type, series }: Family): void {
  const seen = new Set<string>();
  const buckets = new Map<string, number[]>();
  for (const { name: line, labels, value } of series) {
    const key = `${line} ${JSON.stringify(Object.entries(labels).sort())}`;
    if (seen.has(key)) throw new Error(`a series twice: ${key}`);
    seen.add(key);
    if (type === 'counter' && !(value >= 0)) throw new Error(`a counter below zero: ${key}`);
    if (!line.endsWith('_bucket')) continue;
    const { le, ...rest } = labels;
    if (le === undefined) throw new Error(`a bucket without le: ${name}`);
    const group = JSON.stringify(Object.entries(rest).sort());
    buckets.set(group, [...(buckets.get(group) ?? []), value]);
  }
  for (const [group, values] of buckets) {
    if (values.some((value, i) => value < (values[i - 1] ?? 0))) throw new Error(`falling: ${name} ${group}`);
  }
}

/** The value of one series, 0 if there is none. Labels that are not given may have any value and are summed up. */
export function total(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const family = name.replace(/_(bucket|sum|count)$/, '');
  const families = parseExposition(text);
  const { series } = families.get(name) ?? families.get(family) ?? { series: [] };
  return series
    .filter((s) => s.name === name && Object.entries(labels).every(([key, value]) => s.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
