import type { Reporter, TestModule } from 'vitest/node';

/** How a run came out. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Says at the very end, alone on a line, how many tests passed and failed: what CI reads. What failed outside any test (a file
 * that cannot be loaded, an error that nobody caught) counts as one that failed.
 */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    console.log(`\n${closingLine(countsOf(modules, errors.length))}`);
  }
}

export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** What is counted of a module. */
type Counted = Pick<TestModule, 'errors'> & {
  readonly children: Pick<TestModule['children'], 'allTests' | 'allSuites'>;
};

export function countsOf(modules: readonly Counted[], errors: number): Counts {
  const count = (state: 'passed' | 'failed' | 'skipped'): number =>
    modules.reduce((sum, { children }) => sum + [...children.allTests(state)].length, 0);
  const broken = modules
    .flatMap((each) => [each, ...each.children.allSuites()])
    .filter((each) => each.errors().length > 0).length;
  return { passed: count('passed'), failed: count('failed') + broken + errors, skipped: count('skipped') };
}
