import { adminApiPage } from './admin-api.ts';
import { auditChecksPage } from './audit-checks.ts';
import { closeCodesPage } from './close-codes.ts';
import { commandLinePage } from './command-line.ts';
import { configurationPage } from './configuration.ts';
import { eventsPage } from './events.ts';
import { fuzzOraclesPage } from './fuzz-oracles.ts';
import { loadMeasuresPage } from './load-measures.ts';
import type { Page } from './markdown.ts';
import { metricsPage } from './metrics.ts';
import { refusalsPage } from './refusals.ts';
import { rehearsalsPage } from './rehearsals.ts';

/** Everything in `docs/reference`, made anew from the tables in the source. */
export async function referencePages(): Promise<Page[]> {
  return [
    adminApiPage(),
    auditChecksPage(),
    closeCodesPage(),
    await commandLinePage(),
    configurationPage(),
    eventsPage(),
    fuzzOraclesPage(),
    loadMeasuresPage(),
    metricsPage(),
    refusalsPage(),
    rehearsalsPage(),
  ];
}
