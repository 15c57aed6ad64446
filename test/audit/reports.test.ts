import { writeFileSync } from 'node:fs';
import type { Log } from 'sarif';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CHECKS } from '../../src/audit/checks/list.ts';
import { htmlReport } from '../../src/audit/report/html.ts';
import { jsonReport } from '../../src/audit/report/json.ts';
import { sarifLog, sarifReport } from '../../src/audit/report/sarif.ts';
import { textReport } from '../../src/audit/report/text.ts';
import type { AuditReport } from '../../src/audit/run.ts';
import { type BadServer, startBadServer } from './gullible.ts';
import { auditOf } from './harness.ts';

// One audit of a server that says yes to everything, and what says what was found.

const EVIL = '<script>alert(1)</script>\x1b[31m';
let server: BadServer;
let report: AuditReport;

beforeAll(async () => {
  server = await startBadServer({
    answer: ({ headers }) =>
      headers.has('upgrade')
        ? undefined
        : `HTTP/1.1 200 OK\r\nServer: Evil/1.0 ${EVIL}\r\nContent-Length: 0\r\n\r\n`,
  });
  report = await auditOf({
    port: server.port,
    ca: server.ca,
    path: '/?ticket=hunter2-of-the-url',
    token: 'hunter2.of.mine',
    only: ['handshake', 'identity', 'plaintext', 'certificate-name'],
  });
}, 60_000);

afterAll(() => server?.stop());

describe('the report', () => {
  it('has a bad grade, and says why', () => {
    expect(report.grade).toBe('F');
    expect(report.because.join()).toContain('at most F: a critical check fails');
  });

  it('says in no form what was secret', () => {
    for (const write of [
      jsonReport,
      sarifReport,
      htmlReport,
      (each: AuditReport) => textReport(each, (_, text) => text),
    ]) {
      const text = write(report);
      expect(text).not.toContain('hunter2');
      expect(text).not.toContain('\x1b');
      expect(text).toContain('version-banner');
    }
  });

  it('is text with a line for each check, and all that was found of those that are to be mended', () => {
    const text = textReport(report, (_, each) => each);
    for (const { id } of report.results)
      expect(text).toMatch(new RegExp(`^ {2}(pass|WARN|FAIL|info|skip|\\?{4}) {2}${id} `, 'm'));
    expect(text).toMatch(
      /^Grade F for wss:\/\/localhost:\d+\/\?… \(handshake, identity, plaintext, certificate-name only\)$/m,
    );
    expect(text).toMatch(
      /FAIL {2}Only GET .* \(method, medium\)\n {8}sent {2}2 upgrades: POST; PUT\n {8}seen {2}POST: 101, the WebSocket opens/,
    );
  });

  it('says first what is gravest, fits a terminal, and ends with the grade and what it took', () => {
    const lines = textReport(report, (_, each) => each).split('\n');
    const from = lines.indexOf('to mend, the gravest first');
    const weights = lines.slice(from).flatMap((line) => /\(\S+, (\w+)\)$/.exec(line)?.[1] ?? []);
    const order = ['critical', 'high', 'medium', 'low'];
    expect(weights.length).toBeGreaterThan(10);
    expect(weights).toEqual(weights.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
    expect(lines.filter((line) => line.length > 100 && line.trim().includes(' '))).toEqual([]);
    expect(lines.at(-1)).toMatch(/^ {2}\d+ connections, \d+ messages and [\d,]+ KiB in [\d.]+ s$/);
    expect(lines.at(-2)).toMatch(/^ {2}\d+ checks: \d+ fail, /);
  });

  it('is JSON', () => {
    expect(JSON.parse(jsonReport(report))).toMatchObject({
      version: 1,
      grade: 'F',
      results: expect.arrayContaining([
        expect.objectContaining({ id: 'method', verdict: 'fail', weight: 'medium' }),
      ]),
    });
  });

  it('is one page that loads nothing, and in which what a server said stays text', () => {
    const page = htmlReport(report);
    if (process.env.REPORT_PAGE) writeFileSync(process.env.REPORT_PAGE, page);
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:\/\/(?!sallyport)[^<]*"/);
    expect(page).toContain('&#60;script&#62;alert(1)');
    const faults = report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
    expect(faults.length).toBeGreaterThan(10);
    for (const { id } of faults) {
      expect(page.split(`<article id="${id}"`)).toHaveLength(2); // in full, once
      expect(page.split(`<a href="#${id}"`)).toHaveLength(2); // and found from its place
    }
    expect(page.match(/<details/g)?.length).toBe(report.results.length - faults.length);
    expect(page).toContain('<tr class="holds"><td>F</td><td>a critical check fails</td></tr>');
  });
});

/** What SARIF 2.1.0 §3 says must be there, of all that we write. Strict: a member that it does not have is an error. */
const message = z.strictObject({ text: z.string().min(1) });
const level = z.enum(['none', 'note', 'warning', 'error']);
const rule = z.strictObject({
  id: z.string(),
  shortDescription: message,
  fullDescription: message,
  help: message,
  defaultConfiguration: z.strictObject({ level }),
  properties: z.looseObject({
    tags: z.array(z.string()),
    'security-severity': z.string().regex(/^\d+\.\d$/),
  }),
});
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
const SARIF = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.array(
    z.strictObject({
      tool: z.strictObject({ driver: z.strictObject({ name: z.string(), rules: z.array(rule) }) }),
      automationDetails: z.strictObject({ id: z.string() }),
      invocations: z.array(
        z.strictObject({
          executionSuccessful: z.boolean(),
          startTimeUtc: time,
          endTimeUtc: time,
          toolExecutionNotifications: z.array(
            z.strictObject({ level, message, associatedRule: z.strictObject({ id: z.string() }) }),
          ),
        }),
      ),
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          ruleIndex: z.int().min(0),
          level,
          message,
          locations: z.tuple([
            z.strictObject({
              physicalLocation: z.strictObject({
                artifactLocation: z.strictObject({ uri: z.string().regex(/^[^:/]+(:\d+)?\//) }),
              }),
              logicalLocations: z.array(
                z.strictObject({ fullyQualifiedName: z.string(), kind: z.literal('resource') }),
              ),
            }),
          ]),
          partialFingerprints: z.record(z.string(), z.string()),
        }),
      ),
      properties: z.looseObject({ grade: z.string() }),
    }),
  ),
});

describe('SARIF', () => {
  it('has the shape of version 2.1.0', () => {
    const log: Log = sarifLog(report); // the types are those of the standard
    expect(SARIF.safeParse(JSON.parse(sarifReport(report))).error?.issues ?? []).toEqual([]);
    expect(log.runs[0]?.tool.driver.rules?.map(({ id }) => id)).toEqual(CHECKS.map(({ id }) => id));
  });

  it('has a result for each fault, and none for what passed', () => {
    const faults = report.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
    const { results = [], tool } = sarifLog(report).runs[0]!;
    expect(results.map(({ ruleId }) => ruleId)).toEqual(faults.map(({ id }) => id));
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  });
});
