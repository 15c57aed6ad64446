import type { Answers } from '../store/members.ts';
import { Unanswered } from './operator.ts';

/** The values, where it matters that all have done it. @throws Unanswered */
export function allOf<T>({ values, missing }: Answers<T>): readonly T[] {
  if (missing.length > 0) throw new Unanswered(missing.join('; '));
  return values;
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
