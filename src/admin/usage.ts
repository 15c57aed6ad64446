import { z } from 'zod';
import { USED, type UsageFilter, type UsageRow } from '../store/usage.ts';
import { type Answer, json, operation, problem } from './operation.ts';

const day = z.iso.date();
const text = z.string().max(1_024);
const amount = z.int().min(0);

const ROW = z.strictObject({
  day: day.describe('Of UTC.'),
  route: z.string(),
  tenant: z.string().describe('Empty for none.'),
  subject: z.string(),
  received: amount.describe('Messages that clients sent and that passed.'),
  sent: amount.describe('Messages that clients were sent.'),
  receivedBytes: amount.describe('Their payload.'),
  sentBytes: amount.describe('Their payload.'),
  milliseconds: amount.describe('How long connections were open, added up.'),
});

const USAGE = z.strictObject({ usage: z.array(ROW).describe('By day, tenant, subject and route.') });

const FORMATS = ['json', 'csv', 'cloudevents'] as const;

/** What was used, for those who write bills. */
export const usage = operation({
  id: 'readUsage',
  method: 'get',
  path: '/usage',
  access: 'operator',
  summary:
    'What subjects and tenants have used, by day: as JSON, as lines of CSV (RFC 4180), or as a batch of CloudEvents 1.0.',
  query: z.strictObject({
    from: day.optional().describe('The first day, of UTC; today if left out.'),
    to: day.optional().describe('The last day, itself included; today if left out. 366 days at most.'),
    tenant: text.optional(),
    subject: text.optional(),
    route: text.optional(),
    format: z.enum(FORMATS).prefault('json'),
  }),
  answers: { 200: { meaning: 'What is known of these days.', body: USAGE } },
  run: async ({ operator, query: { format, from, to, ...who } }) => {
    const today = new Date().toISOString().slice(0, 10);
    const holder = Object.fromEntries(Object.entries(who).filter(([, value]) => value !== undefined));
    const filter: UsageFilter = { ...holder, from: from ?? today, to: to ?? today };
    try {
      const rows = await operator.usage(filter);
      if (!rows) return problem(409, 'nothing is measured: the configuration has no `usage`');
      return answerAs[format](rows);
    } catch (error) {
      if (error instanceof RangeError) return problem(422, error.message);
      throw error;
    }
  },
});

const answerAs: Readonly<Record<(typeof FORMATS)[number], (rows: readonly UsageRow[]) => Answer>> = {
  json: (rows) => json(200, USAGE, { usage: rows.map((row) => ({ ...row })) }),
  csv: (rows) => ({ status: 200, type: 'text/csv; charset=utf-8', text: csvOf(rows) }),
  cloudevents: (rows) => ({
    status: 200,
    type: 'application/cloudevents-batch+json',
    text: JSON.stringify(rows.map(cloudEventOf)),
  }),
};

const COLUMNS = ['day', 'route', 'tenant', 'subject', ...USED] as const;

function csvOf(rows: readonly UsageRow[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(','));
  return [COLUMNS.join(','), ...lines].map((line) => `${line}\r\n`).join('');
}

/** A spreadsheet would take a subject that begins so for a formula: an apostrophe before it says that it is text. */
function cell(value: string | number): string {
  const text = String(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One event a row. Its id is the same each time it is read, so that whoever gets it twice counts it once. */
function cloudEventOf({ day, route, tenant, subject, ...used }: UsageRow) {
  return {
    specversion: '1.0',
    id: [day, tenant, subject, route].map(encodeURIComponent).join('/'),
    source: '/sallyport/usage',
    type: 'sallyport.usage.day.v1',
    time: `${day}T00:00:00Z`,
    subject,
    datacontenttype: 'application/json',
    data: { day, route, tenant, subject, ...used },
  };
}
