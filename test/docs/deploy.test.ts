import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { fencesOf } from '../support/markdown.ts';

// The files of deploy/ are what the guide shows, and the continuous integration tests the Node that is promised.

it('the guide shows every file of deploy/, to the letter', () => {
  const shown = fencesOf('docs/guides/production.md')
    .filter(({ language, info }) => language === 'ini' || info === 'kubernetes')
    .map(({ text }) => text);
  const names = readdirSync('deploy').filter((name) => name !== 'alerts.yaml'); // the guide links to it
  const files = names.map((name) => readFileSync(`deploy/${name}`, 'utf8'));
  expect(files.length).toBeGreaterThan(0);
  expect(files.sort()).toEqual(shown.sort());
});

it('the workflow runs everything on the oldest Node that is promised, with no rights but to read', () => {
  const workflow = parse(readFileSync('.github/workflows/ci.yml', 'utf8'));
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8'));
  const { strategy, steps } = workflow.jobs.everything;
  expect(engines.node).toBe(`>=${strategy.matrix.node[0]}`);
  expect(workflow.permissions).toEqual({ contents: 'read' });
  expect(steps.at(-1)).toEqual({ run: '.ci/run' });
  for (const { uses, run } of steps.slice(0, -1)) {
    expect(uses ?? run).toMatch(
      /^(actions\/[a-z-]+@v\d+\.\d+\.\d+|sudo apt-get update .*apt-get install .*)$/,
    );
  }
});
