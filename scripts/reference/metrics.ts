import { LABELS, type LabelValues } from '../../src/record/labels.ts';
import { METRICS, type MetricRow } from '../../src/record/metrics.ts';
import { code, codes, type Page, page, table } from './markdown.ts';

/** More values than that are listed once, below, and not with each metric. */
const FEW = 4;

export function metricsPage(): Page {
  const rows = Object.entries<MetricRow>(METRICS);
  const long = new Map(
    rows.flatMap(([, { labels }]) => Object.entries(labels).filter(([, values]) => !isShort(values))),
  );
  const buckets = rows.filter(([, { buckets }]) => buckets !== undefined);
  return page(
    'metrics.md',
    'Metrics',
    '`src/record/metrics.ts`',
    'Served as `/metrics` by the admin listener, in the text format of Prometheus. Histograms only, no summaries. ' +
      'No label has an identity, an address or anything a client chose: a value outside its list is `other`, an absent one `none`.',
    table(
      ['Metric', 'Type', 'Unit', 'Labels', 'Meaning'],
      rows.map(([name, { type, unit, labels, meaning }]) => [
        code(name),
        type,
        unit,
        labelsOf(labels),
        meaning,
      ]),
    ),
    '## Labels',
    table(
      ['Label', 'Values'],
      [...long].map(([label, values]) => [code(label), valuesOf(values)]),
    ),
    '## Buckets',
    table(
      ['Histogram', 'Upper bounds'],
      buckets.map(([name, { buckets = [] }]) => [code(name), codes(buckets)]),
    ),
  );
}

function labelsOf(labels: MetricRow['labels']): string {
  return Object.entries(labels)
    .map(([label, values]) => (isShort(values) ? `${code(label)} (${codes(values)})` : code(label)))
    .join(', ');
}

function isShort(values: LabelValues): values is readonly string[] {
  return values !== 'configured' && values.length <= FEW;
}

function valuesOf(values: LabelValues): string {
  if (values === 'configured') return 'Names that the configuration gives.';
  if (values === LABELS.code) return 'A [refusal code](refusals.md).';
  if (values === LABELS.decision) return '`accepted`, or a [refusal code](refusals.md).';
  return codes(values);
}
