import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { HEALTH_CHECKS } from '../../src/record/health.ts';
import { METRICS } from '../../src/record/metrics.ts';
import { metricsOf } from '../../src/rehearse/alarms/expression.ts';
import { FAULTS } from '../../src/rehearse/faults.ts';
import { alarmsIn, REHEARSAL_MEASURES } from '../../src/rehearse/promises.ts';
import { rehearsalOf } from '../../src/rehearse/rehearsal.ts';
import { RULES, written } from './shipped.ts';

const NAMES = readdirSync('examples/rehearsals').map((file) => file.replace(/\.yaml$/, ''));

it('those of the guides are shipped', () => {
  expect(NAMES).toEqual(
    expect.arrayContaining([
      'identity-provider-outage',
      'reconnect-storm',
      'flood',
      'certificate-renewal',
      'zone-loss',
      'backend-loss',
      'node-loss',
    ]),
  );
});

describe.each(NAMES)('%s', (name) => {
  const rehearsal = rehearsalOf(written(name));

  it('has the name of its file, and promises', () => {
    expect(rehearsal.name).toBe(name);
    expect(rehearsal.must.length).toBeGreaterThan(3);
  });

  it('names alarms that there are', () => {
    const alarms = RULES.map((rule) => rule.name);
    for (const alarm of alarmsIn(rehearsal.must)) expect(alarms).toContain(alarm);
  });

  it('lets nobody in who may not', () => {
    expect(written(name).must).toContain('strangers.admitted == 0');
  });
});

it('every fault is rehearsed', () => {
  const rehearsed = new Set(NAMES.flatMap((name) => written(name).faults.map(({ fault }) => fault)));
  const ours = Object.keys(FAULTS).filter((fault) => fault !== 'command'); // what it does is for the user to say
  expect(ours.filter((fault) => !rehearsed.has(fault))).toEqual([]);
});

describe('the alerting rules', () => {
  it('look at metrics and checks that there are', () => {
    const names = [...Object.keys(METRICS), 'up'];
    for (const { expression } of RULES)
      for (const name of metricsOf(expression)) expect(names).toContain(name);
    const text = readFileSync('deploy/alerts.yaml', 'utf8');
    const checks = [...text.matchAll(/check=~?"([^"]+)"/g)].flatMap(([, each = '']) => each.split('|'));
    for (const check of checks) expect(Object.keys(HEALTH_CHECKS)).toContain(check);
    expect(checks.length).toBeGreaterThan(4);
  });

  it('say what they mean', () => {
    for (const { summary, severity } of RULES) {
      expect(summary).not.toBe('');
      expect(['page', 'ticket']).toContain(severity);
    }
  });
});

it('the rehearsals in the documentation are some, and the measures are there', () => {
  const text = readFileSync('docs/rehearse.md', 'utf8');
  const yaml = [...text.matchAll(/```yaml rehearsal\n([\s\S]*?)```/g)].map(([, each = '']) => each);
  expect(yaml.map((each) => rehearsalOf(parse(each)).faults.length)).toEqual([1, 1]);
  const measures = [...text.matchAll(/`((?:newcomers|strangers|recovery|impaired)\.[a-z]+)`/g)].map(
    ([, name]) => name,
  );
  expect(measures.length).toBeGreaterThan(1);
  for (const measure of measures) expect(Object.keys(REHEARSAL_MEASURES)).toContain(measure);
});
