import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { silentRecorder } from '../record/recorder.ts';
import { createServices } from '../store/services.ts';
import { diagnose } from './diagnose.ts';
import { problemText } from './problem.ts';

// A case is a pair of files in testdata: `x.yaml`, and `x.problems` with what is said of it (none: it is right).
// A new `x.yaml` gets its `x.problems` from the first run; read it before it is committed.

const FOLDER = path.join(import.meta.dirname, 'testdata');
const ENVIRONMENT = { SET: 'value', INJECTED: 'x", y: {', NUMBER: '7' };

const cases = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

test.each(cases)('%s', async (name) => {
  const problems = diagnose(path.join(FOLDER, name), createServices(silentRecorder), ENVIRONMENT);
  const lines = problems.map((problem) =>
    problemText({ ...problem, file: path.relative(FOLDER, problem.file) }),
  );
  const expected = path.join(FOLDER, name.replace(/yaml$/, 'problems'));
  await expect(lines.join('\n')).toMatchFileSnapshot(expected);
});

test('every list of problems has its configuration', () => {
  const orphans = readdirSync(FOLDER).filter(
    (name) => name.endsWith('.problems') && !cases.includes(name.replace(/problems$/, 'yaml')),
  );
  expect(orphans).toEqual([]);
});
