import { defineConfig } from 'vitest/config';
import { ClosingLine } from './scripts/closing-line.ts';
import { NotRun } from './scripts/not-run.ts';
import { ALONE, TOGETHER } from './scripts/test-processes.ts';

export default defineConfig({
  test: {
    testTimeout: 15_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 3, // on two processors: much of what the tests of processes and cables do is to wait
    reporters: ['default', new NotRun(), new ClosingLine()],
    projects: [
      { extends: true, test: { name: 'alone', ...ALONE } },
      { extends: true, test: { name: 'together', isolate: false, ...TOGETHER } },
    ],
  },
});
