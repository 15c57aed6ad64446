import { describe, expect, it } from 'vitest';
import { judge, MEASURES } from '../../src/load/contract.ts';
import { htmlReport } from '../../src/load/report/html.ts';
import { jsonReport } from '../../src/load/report/json.ts';
import { textReport } from '../../src/load/report/text.ts';
import type { LoadReport } from '../../src/load/run.ts';
import { scenarioOf } from '../../src/load/scenario.ts';
import { summarize } from '../../src/load/summary.ts';
import { Tally } from '../../src/load/tally.ts';

const LATENCY = 42; // ms, of each answer
const COURSE = [0.5, 1].map((seconds) => ({
  seconds,
  open: 5,
  sent: 10,
  answered: 10,
  lost: 0,
  p99: LATENCY,
}));

/** A load whose one outcome did not come true; `cpu` is what its generator used of a core. */
function reportOf(cpu: number): LoadReport {
  const tally = new Tally();
  Object.assign(tally.counts, { tried: 5, opened: 5, sent: 20, answered: 20 });
  for (let i = 0; i < 20; i++) tally.latency.record(LATENCY * 1_000);
  const part = {
    tally: tally.export(),
    cost: { cpu, delay: 3, memory: 104_857_600 },
    lasted: 1_000,
    recovery: undefined,
  };
  const outcome = { name: '<b>burst</b>', kind: 'burst', held: false, seen: '7 passed' } as const;
  const summary = summarize([part], [outcome], false);
  const scenario = scenarioOf({
    target: 'wss://localhost/',
    contract: ['latency.p99 <= 50ms', 'latency.max <= 1ms', 'storm.recovery <= 1s'],
  });
  const contract = judge(scenario.contract, MEASURES, summary);
  const verdict = summary.bottleneck === undefined ? 'broken' : 'bound';
  return { scenario, summary, contract, course: COURSE, verdict };
}

describe('the report of a load', () => {
  it('says what was promised and seen, and what the generator itself spent', () => {
    const text = textReport(reportOf(0.25));
    for (const line of [
      /^latency {6}p50 42\.0 .*ms$/m,
      /^own cost {5}25 % of a core, loop delay p99 3\.0 ms, 100 MiB$/m,
      /^FAIL <b>burst<\/b>: 7 passed$/m,
      /^ok {3}latency\.p99 <= 50ms: 42\.0 ms$/m,
      /^FAIL latency\.max <= 1ms: 42\.0 ms$/m,
      /^The contract is broken\.$/m,
    ])
      expect(text).toMatch(line);
  });

  it('is the same for programs, and as a page with charts', () => {
    const json = JSON.parse(jsonReport(reportOf(0.25)));
    expect(json).toMatchObject({
      version: 1,
      verdict: 'broken',
      latency: { p99: LATENCY },
      cost: [{ cpu: 0.25 }],
    });
    expect(json.contract.map(({ kept }: { kept: boolean }) => kept)).toEqual([true, false, false]);
    expect(json.contract.at(-1).seen).toBe(null); // no storm came, so it never was over
    const page = htmlReport(reportOf(0.25));
    expect(page.match(/<svg/g)).toHaveLength(3);
    expect(page).toContain('own cost     25 % of a core');
    expect(page).not.toContain('<b>burst');
  });

  it('has no numbers, in any form, where the generator was the bottleneck', () => {
    const report = reportOf(0.95);
    const forms = [textReport(report), jsonReport(report), htmlReport(report)];
    for (const form of forms) {
      expect(form).toContain('95 % of its core');
      expect(form).not.toMatch(/\b42\b|p99 <=|7 passed/);
    }
    expect(JSON.parse(forms[1]!)).toMatchObject({ verdict: 'bound', cost: [{ cpu: 0.95 }] });
  });
});
