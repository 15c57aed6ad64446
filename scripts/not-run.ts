import type { Reporter, TestModule } from 'vitest/node';

/**
 * Says at the end of a run, in one line each, which tests did not run because a program of the system is missing: they
 * carry its name (`describeWith` in `test/support/programs.ts`). In CI that is a failure.
 */
export class NotRun implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const names = modules.flatMap((module) =>
      [...module.children.allTests('skipped')].map((test) => test.fullName),
    );
    const lines = linesOf(names);
    for (const line of lines) console.error(`\n${line}`);
    if (lines.length > 0 && process.env.CI) process.exitCode = 1;
  }
}

/** A line for each missing program. */
export function linesOf(names: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of names) {
    const program = /\(needs ([\w.-]+)\)/.exec(name)?.[1];
    if (program !== undefined) counts.set(program, (counts.get(program) ?? 0) + 1);
  }
  return [...counts].map(
    ([program, count]) => `not run: ${count} tests need ${program}, which is not installed`,
  );
}
