import { defineConfig } from 'vitest/config';
import { NotRun } from './scripts/not-run.ts';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 15_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', new NotRun()],
  },
});
