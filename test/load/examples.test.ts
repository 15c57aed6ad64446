import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { scenarioOf } from '../../src/load/scenario.ts';

it.each(readdirSync('examples/load'))('%s is a scenario', (file) => {
  const { contract } = scenarioOf(parse(readFileSync(`examples/load/${file}`, 'utf8')));
  expect(contract.length).toBeGreaterThan(0);
});

it('the scenarios in the documentation are ones', () => {
  const text = readFileSync('docs/load.md', 'utf8');
  const [, yaml = ''] = /```yaml scenario\n([\s\S]*?)```/.exec(text) ?? [];
  const written = parse(yaml);
  const base = {
    target: 'wss://localhost/',
    messages: [{ template: '{id}' }],
    identities: { mint: { key: 'k' } },
  };
  expect(scenarioOf({ ...base, ...written }).outcomes).toHaveLength(3);
});
